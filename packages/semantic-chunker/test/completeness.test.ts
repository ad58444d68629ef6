import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Chunk } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { judge, runAndJudge } from "./judge.ts";

const LICENCE = "// Copyright 2025 The Authors\n// Licensed under the MIT licence.\n";
const body = (name: string, value: number) =>
  `fn ${name}() -> u32 {\n    let first = ${value};\n    let second = first * ${value};\n    first + second\n}\n`;

/** A history with what makes chunks differ from plain pieces of a patch, cut. */
async function prepare() {
  const repository = gitRepository();
  const token = `ghp_${"aB3dE5gH7jK9mN1pQ4sT6vW8xZ0yC2eF5hJ7"}`;
  repository.commit("Add", {
    "src/a.rs": `${LICENCE}impl S {\n    fn m() {}\n\n    fn n() {}\n}\n\n${body("one", 1)}`,
    "src/b.rs": body("two", 2),
    "Cargo.lock": "[[package]]\n",
    "key.py": `TOKEN = "${token}"\n`,
    "link.rs": "fn l() {}\n",
  });
  repository.commit("Move", {
    "src/a.rs": `${LICENCE}impl S {\n    fn m() {}\n    fn o() {}\n}\n`,
    "src/b.rs": `${body("two", 3)}\n${body("one", 1)}`.slice(0, -1),
    "link.rs": { symlink: "src/a.rs" },
    "latin.py": Buffer.from("# caf\u00e9\r\nx = 1\r\n", "latin1"),
  });
  repository.commit("Rename", { "src/b.rs": null, "src/c.rs": `${body("two", 3)}` });
  return { repository, ...(await runAndJudge(repository)) };
}

/** The chunks with the first one to which it applies changed. */
function changed(chunks: Chunk[], change: (chunk: Chunk) => Partial<Chunk> | undefined): Chunk[] {
  const at = chunks.findIndex((chunk) => change(chunk));
  if (at < 0) throw new Error("There is no such chunk.");
  return chunks.map((chunk, index) => (index === at ? { ...chunk, ...change(chunk) } : chunk));
}

/** The chunks with the first patch that holds `text` changed. */
const patched = (chunks: Chunk[], text: string | RegExp, replacement: string): Chunk[] =>
  changed(chunks, ({ patch }) => {
    const next = patch.replace(text, replacement);
    return next === patch ? undefined : { patch: next };
  });

const DAMAGES: [string, message: string, damage: (chunks: Chunk[]) => Chunk[]][] = [
  ["a lost chunk", "changed line in no chunk", (all) => all.filter(({ op }) => op !== "moved")],
  ["a lost file", "without a word", (all) => all.filter((chunk) => chunk.file_path !== "key.py")],
  ["a chunk told twice", "another chunk has", (all) => all.flatMap((chunk) => [chunk, chunk])],
  ["another text", "another text", (all) => patched(all, "first = 1", "first = 7")],
  ["another line", "git does not show changed", (all) => patched(all, "+1,", "+40,")],
  ["a mask of too much", "another text", (all) => patched(all, "+TOKEN", "+T<SECRET:x>KON")],
  ["a false end", "not what its chunks make", (all) => patched(all, /\\ No newline.*\n/, "")],
  ["a false context", "context not in the diff", (all) => patched(all, "\n     ", "\n     x")],
  [
    "another count",
    "additions that are not",
    (all) => changed(all, ({ additions }) => ({ additions: additions + 1 })),
  ],
  [
    "code from elsewhere",
    "new_code: code that is not in its line_range",
    (all) =>
      changed(all, ({ new_code }) => (new_code ? { new_code: `${new_code}\nx` } : undefined)),
  ],
  [
    "code cut short",
    "whose units are not its text",
    (all) =>
      changed(all, ({ op, function_name }) =>
        op === "added" && function_name === "one" ? { new_code: "fn one() -> u32 {" } : undefined,
      ),
  ],
];

describe("check/completeness.mjs", () => {
  it("finds nothing wrong with what the chunker writes, and each damage to it", async () => {
    const { repository, output, chunks, verdict } = await prepare();
    expect(verdict.said).toMatch(/ 1 {2}files rebuilt save for masked secrets\n/);
    expect(verdict.said).toMatch(/ 1 {2}files rebuilt character for character\n/);
    expect(verdict.said).toContain("\ncomplete, ");
    expect(verdict.status).toBe(0);
    expect(chunks.some(({ op, old_file_path }) => op === "moved" && old_file_path)).toBe(true);
    expect(chunks.some((chunk) => chunk.header_lines)).toBe(true);
    for (const [name, message, damage] of DAMAGES) {
      const lines = damage(chunks).map((chunk) => `${JSON.stringify(chunk)}\n`);
      writeFileSync(output, lines.join(""));
      const { status, said } = judge(output, repository.path);
      expect(said, name).toContain(message);
      expect(status, name).toBe(1);
    }
  });

  it("finds a wrong count of what was skipped", async () => {
    const { repository, output } = await prepare();
    const statistics = join(dirname(output), "chunking_stats.json");
    const text = readFileSync(statistics, "utf8");
    writeFileSync(statistics, text.replace('"lock_file": 1', '"lock_file": 2'));
    const { status, said } = judge(output, repository.path);
    expect(said).toContain("without a word");
    expect(status).toBe(1);
  });
});
