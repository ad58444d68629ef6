import { gitRepository } from "@repotune/test-kit/git";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { chunkAll, chunkRepository, expectComplete } from "./collect.ts";
import { scrape } from "./history.ts";

/** Lines that make sense together, lines that do not, and lines that no one writes. */
const LINES = [
  "fn a() {",
  "}",
  "",
  "    let x = 1;",
  "impl Trait for Type {",
  "    fn b(&self) -> u8 { 0 }",
  "mod m {",
  "#[test]",
  "#[cfg(test)] mod t { fn u() {} }",
  "/// Says.",
  "//! File.",
  "// note",
  "/* open",
  "*/",
  "use a::b;",
  'const S: &str = "',
  'r#"raw',
  "<<<<<<< HEAD",
  "@@ -1,2 +3,4 @@",
  "--- a/x",
  "+++ b/x",
  "# Heading",
  "=====",
  "```",
  "[table]",
  "key: value",
  '  "k": {',
  "\r",
  "caf\u00e9 \u2028 \u{1F600}",
  "\u0001\ufffd",
  "}}}}))))",
];

const NAMES = ["src/a.rs", "src/b.rs", "tests/t.rs", "c.toml", "d.yaml", "e.json", "f.md", "g.py"];

const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)] as T;

function randomText(random: Random): string {
  const lines = Array.from({ length: random.below(40) }, () => pick(random, LINES));
  return lines.join("\n") + (random.below(4) === 0 ? "" : "\n");
}

/** Replaces, repeats, drops or moves some lines. */
function edit(random: Random, text: string): string {
  const lines = text.split("\n");
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const at = random.below(lines.length + 1);
    const choice = random.below(4);
    if (choice === 0) lines.splice(at, 0, pick(random, LINES));
    else if (choice === 1) lines.splice(at, 1 + random.below(3));
    else if (choice === 2) lines.splice(at, 0, ...lines.slice(0, random.below(6)));
    else lines.push(...lines.splice(at, random.below(5)));
  }
  return lines.join("\n");
}

function randomHistory(seed: number) {
  const random = seededRandom(seed);
  const repository = gitRepository();
  const texts = new Map<string, string>();
  for (let number = 0; number < 8; number += 1) {
    const files: Record<string, string | null> = {};
    for (let count = 1 + random.below(4); count > 0; count -= 1) {
      const name = pick(random, NAMES);
      const text = texts.get(name);
      const isRemoved = text !== undefined && random.below(8) === 0;
      const next = isRemoved ? null : text === undefined ? randomText(random) : edit(random, text);
      files[name] = next;
      if (next === null) texts.delete(name);
      else texts.set(name, next);
    }
    repository.commit(`Change ${number}`, files);
  }
  return repository;
}

describe("any history", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "gives each changed line to exactly one chunk (seed %i)",
    async (seed) => {
      const repository = randomHistory(seed);
      const commits = scrape(repository);
      for (const options of [{}, { maxChunkTokens: 16 }]) {
        const { chunks } = await chunkRepository(repository, options, commits);
        expectComplete(commits, chunks);
        const fromPatches = await chunkAll(commits, options);
        expectComplete(commits, fromPatches.chunks);
      }
    },
  );

  it("gives the same chunks again", async () => {
    const repository = randomHistory(7);
    const commits = scrape(repository);
    const first = await chunkRepository(repository, {}, commits);
    const second = await chunkRepository(repository, {}, commits);
    expect(second.chunks).toEqual(first.chunks);
    expect(new Set(first.chunks.map((chunk) => chunk.chunk_id)).size).toBe(first.chunks.length);
  });

  it("is cut nearly as well from the patches alone", async () => {
    const repository = randomHistory(8);
    const commits = scrape(repository);
    const full = await chunkRepository(repository, {}, commits);
    const { chunks, counts } = await chunkAll(commits);
    expect(counts.degraded_files).toEqual({});
    expect(chunks.map((chunk) => chunk.new_code)).toEqual(
      full.chunks.map((chunk) => chunk.new_code),
    );
  });
});
