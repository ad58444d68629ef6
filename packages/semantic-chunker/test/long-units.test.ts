import { join } from "node:path";
import type { Chunk } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { readCorpus } from "../corpus/read-corpus.mjs";
import { chunkAll, chunkRepository, expectComplete } from "./collect.ts";
import { program, rewrite } from "./program.ts";

const MAX_TOKENS = 64;
/** No file is skipped. */
const EVERYTHING = {
  includeGenerated: true,
  includeVendored: true,
  includeLockFiles: true,
  includeMinified: true,
};
const BYTES = 4 * MAX_TOKENS;

/** The chunks of the last of some versions of one file. */
async function lastChunks(path: string, versions: string[], maxChunkTokens = MAX_TOKENS) {
  const repository = gitRepository();
  for (const [number, text] of versions.entries()) {
    repository.commit(`Version ${number}`, { [path]: text });
  }
  const { chunks, commits } = await chunkRepository(repository, { maxChunkTokens });
  expectComplete(commits, chunks);
  return chunks.filter((chunk) => chunk.commit_hash === commits.at(-1)?.metadata.hash);
}

const sides = (chunk: Chunk) => [chunk.old_code, chunk.new_code].filter((code) => code !== null);

/** Checks that code is at most as long as it may be, unless it is a line that is too long. */
function expectBounded(chunks: Chunk[], maxBytes: number): void {
  const isBounded = (code: string) => Buffer.byteLength(code) <= maxBytes || !code.includes("\n");
  // What changed in one side's long line may stand beside short lines of the other.
  expect(chunks.flatMap(sides).filter((code) => !isBounded(code))).toEqual([]);
}

/** First lines of all parts but the first. */
const beginnings = (chunks: Chunk[]) =>
  chunks
    .filter(({ part }) => part !== null && part.index > 0)
    .map((chunk) => (chunk.new_code ?? chunk.old_code ?? "").split("\n")[0] ?? "");

/** Whether two chunks of a commit in a row are parts of one unit. */
const isSameUnit = (a: Chunk, b: Chunk) =>
  a.commit_hash === b.commit_hash &&
  a.kind === b.kind &&
  a.qualified_name === b.qualified_name &&
  a.part?.count === b.part?.count &&
  (a.part?.index ?? 0) < (b.part?.index ?? 0);

const repeat = (count: number, lineOf: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => lineOf(index)).join("");

describe("long units", () => {
  /** Of each language, something long, and what its parts begin with. */
  const cases: [string, string, RegExp][] = [
    [
      "a.rs",
      `fn f() {\n${repeat(20, (i) => `    // Step.\n    if ready(${i}) {\n        go(|x| {\n            x\n        });\n    }\n`)}}\n`,
      /^ {4}\/\/ Step/,
    ],
    [
      "b.rs",
      `fn f(n: u8) -> u8 {\n    match n {\n${repeat(30, (i) => `        ${i} => {\n            call(${i})\n        }\n`)}        _ => 0,\n    }\n}\n`,
      /^ {8}(\d+|_) =>/,
    ],
    [
      "c.rs",
      `pub struct S {\n${repeat(30, (i) => `    /// Says.\n    #[serde(default)]\n    pub field_${i}: u64,\n`)}}\n`,
      /^ {4}\/\/\/ Says/,
    ],
    [
      "d.rs",
      `const TABLE: &[(u8, &str)] = &[\n${repeat(30, (i) => `    (\n        ${i},\n        "text",\n    ),\n`)}];\n`,
      /^ {4}\($/,
    ],
    [
      "e.py",
      `def f():\n${repeat(20, (i) => `    if ready(${i}):\n        text = """\nnot code\n"""\n        go(text)\n`)}`,
      /^ {4}if/,
    ],
    [
      "f.ts",
      `export function f() {\n${repeat(20, (i) => `  if (ready(${i})) {\n    go(() => {\n      step();\n    });\n  }\n`)}}\n`,
      /^ {2}if/,
    ],
    [
      "g.go",
      `package a\n\nfunc f() {\n${repeat(20, (i) => `\tif ready(${i}) {\n\t\tgo func() {\n\t\t\tstep()\n\t\t}()\n\t}\n`)}}\n`,
      /^\tif/,
    ],
    [
      "H.java",
      `class H {\n    void f() {\n${repeat(20, (i) => `        if (ready(${i})) {\n            go(\n                1);\n        }\n`)}    }\n}\n`,
      /^ {8}if/,
    ],
    [
      "i.c",
      `void f(void)\n{\n${repeat(20, (i) => `\tif (ready(${i})) {\n\t\tgo(1,\n\t\t   2);\n\t}\n`)}}\n`,
      /^\tif/,
    ],
    [
      "j.sh",
      `f() {\n${repeat(20, (i) => `  if ready ${i}; then\n    go \\\n      on\n  fi\n`)}}\n`,
      /^ {2}if/,
    ],
    [
      "k.md",
      `# Title\n\n${repeat(20, () => "Some words of a paragraph\nthat go on here.\n\n```\ncode\n  code\n```\n\n")}`,
      /^(Some|```)/,
    ],
    [
      "l.toml",
      `[a]\n${repeat(20, (i) => `# Says.\nkey_${i} = [\n  "first",\n  "second",\n]\n`)}`,
      /^# Says/,
    ],
    ["m.yaml", `a:\n${repeat(20, (i) => `  key_${i}:\n    - first\n    - second\n`)}`, /^ {2}key/],
    [
      "n.json",
      `{\n  "a": {\n${repeat(50, (i) => `"key_${i}": [\n1,\n2\n]${i < 49 ? "," : ""}\n`)}  }\n}\n`,
      /^"key/,
    ],
  ];

  it.each(cases)("of %s are cut where something begins", async (path, text, beginning) => {
    const chunks = await lastChunks(path, [text]);
    const starts = beginnings(chunks);
    expect(starts.length).toBeGreaterThan(2);
    for (const start of starts) expect(start).toMatch(beginning);
    expectBounded(chunks, BYTES);
    // All parts are there, and in order they are the unit.
    const parts = chunks.filter(({ part }) => part !== null);
    expect(text).toContain(parts.map((chunk) => chunk.new_code).join("\n"));
  });

  it("are cut outside of strings and comments, if these are not too long themselves", async () => {
    const filler = repeat(4, (i) => `    step(${i});\n`);
    const string = `    show("\n${repeat(20, () => "word word\n")}");\n`;
    const comment = repeat(12, () => "    // Words, words.\n");
    const text = `fn f() {\n${filler}${string}${filler}${comment}${filler}}\n`;
    const chunks = await lastChunks("src/a.rs", [text]);
    expect(beginnings(chunks).length).toBeGreaterThan(1);
    const parts = chunks.map((chunk) => chunk.new_code ?? "");
    expect(parts.filter((part) => part.includes("word word"))).toHaveLength(1);
    expect(parts.filter((part) => part.includes("Words, words"))).toHaveLength(1);
  });

  it("are cut between lines, where one statement is too long", async () => {
    const chain = repeat(40, (i) => `        .add(${i})\n`);
    const chunks = await lastChunks("src/a.rs", [`fn f() {\n    list()\n${chain}}\n`]);
    expectBounded(chunks, BYTES);
    for (const start of beginnings(chunks)) expect(start).toMatch(/^ {8}\.add/);
  });

  it("keep a line whole that is too long itself", async () => {
    const text = `fn f() {\n    one();\n    two("${"x".repeat(1000)}");\n    three();\n}\n`;
    const chunks = await lastChunks("src/a.rs", [text]);
    expectBounded(chunks, BYTES);
    expect(chunks.map((chunk) => chunk.new_code).join("\n")).toBe(text.trimEnd());
  });

  it("are cut at the same places before and after a change", async () => {
    const steps = (indentation: string, count = 40) =>
      repeat(count, (i) => `${indentation}step(${i}, |x| x + ${i});\n`);
    const before = `fn f() {\n${steps("    ")}}\n`;
    const after = `fn f() {\n    if ready() {\n${steps("        ")}    }\n}\n`;
    const chunks = await lastChunks("src/a.rs", [before, after]);
    expect(chunks.length).toBeGreaterThan(4);
    const stepsOf = (code: string | null) => code?.match(/step\(\d+/g);
    for (const chunk of chunks) expect(stepsOf(chunk.new_code)).toEqual(stepsOf(chunk.old_code));
  });

  it("are cut between the outermost statements of what is gone, too", async () => {
    const steps = (count: number) =>
      repeat(count, (i) => {
        const lines = "        go();\n".repeat(45 + 3 * (i % 7));
        return `    if ready(${i}) {\n${lines}    }\n`;
      });
    const [before = "", after = ""] = [20, 1].map((count) => `fn f() {\n${steps(count)}}\n`);
    const chunks = await lastChunks("src/a.rs", [before, after], 512);
    expect(chunks.length).toBeGreaterThan(4);
    const starts = chunks.slice(1).map((chunk) => chunk.old_code?.split("\n")[0]);
    for (const start of starts) expect(start).toMatch(/^ {4}if/);
  });

  it("are cut at the same places when they move to another file", async () => {
    const text = `fn f() {\n${repeat(40, (i) => `    step(${i}, |x| x + ${i});\n`)}}\n`;
    const changed = text.replace("step(7,", "stop(7,\n        1,");
    const repository = gitRepository();
    const [here, there] = ["fn here() {}\n", "fn there() {}\n"];
    repository.commit("Add", { "src/a.rs": `${here}\n${text}`, "src/b.rs": there });
    repository.commit("Move", { "src/a.rs": here, "src/b.rs": `${there}\n${changed}` });
    const { chunks, commits } = await chunkRepository(repository, { maxChunkTokens: MAX_TOKENS });
    expectComplete(commits, chunks);
    const moved = chunks.filter((chunk) => chunk.op === "moved");
    expect(moved.length).toBeGreaterThan(4);
    const numbersOf = (code: string | null) =>
      code?.match(/st[eo]p\((\d+)/g)?.map((n) => n.slice(5));
    for (const { old_code, new_code } of moved) {
      expect(numbersOf(new_code)).toEqual(numbersOf(old_code));
    }
  });
});

describe("any history", () => {
  it.each([1, 2, 3, 4, 5])(
    "gives bounded parts, which together are their units (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const repository = gitRepository();
      let text = program(random);
      for (let number = 0; number < 4; number += 1) {
        repository.commit(`Change ${number}`, { "src/a.rs": text });
        text = rewrite(random, text);
      }
      for (const maxChunkTokens of [16, 40, 150]) {
        const { chunks, commits } = await chunkRepository(repository, { maxChunkTokens });
        expectComplete(commits, chunks);
        expectBounded(chunks, 4 * maxChunkTokens);
        const first = chunks.filter((chunk) => chunk.commit_number === 0);
        const lines = first.flatMap(({ new_code }) => new_code?.split("\n") ?? []);
        const firstText = repository.git("show", `${commits[0]?.metadata.hash}:src/a.rs`);
        const isText = (line: string) => line.trim() !== "";
        // The lines of an `impl` come before those of its functions.
        expect(lines.filter(isText).sort()).toEqual(firstText.split("\n").filter(isText).sort());
        for (const [index, chunk] of chunks.entries()) {
          const next = chunks[index + 1];
          if (!next || !isSameUnit(chunk, next)) continue;
          for (const side of ["old", "new"] as const) {
            const [range, following] = [chunk.line_range[side], next.line_range[side]];
            if (range && following) expect(following[0]).toBeGreaterThan(range[1] ?? 0);
          }
        }
      }
    },
  );

  it("that is real is complete and bounded, whatever the maximum", async () => {
    for (const { commits, objects } of readCorpus(join(import.meta.dirname, "../corpus"))) {
      const some = commits.slice(0, 8);
      for (const maxChunkTokens of [24, 200]) {
        const { chunks } = await chunkAll(some, { maxChunkTokens, ...EVERYTHING }, objects);
        expectComplete(some, chunks);
        expectBounded(chunks, 4 * maxChunkTokens);
      }
    }
  });
});
