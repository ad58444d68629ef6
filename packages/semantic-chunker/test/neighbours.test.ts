import { type Chunk, unitsOfChunk } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { chunkRepository, expectComplete } from "./collect.ts";
import { program, rewrite } from "./program.ts";

/** The chunks of the last of some versions of some files. */
async function lastChunks(...versions: Record<string, string>[]): Promise<Chunk[]> {
  const repository = gitRepository();
  for (const [number, files] of versions.entries()) repository.commit(`${number}`, files);
  const { chunks, commits } = await chunkRepository(repository);
  expectComplete(commits, chunks);
  return chunks.filter((chunk) => chunk.commit_hash === commits.at(-1)?.metadata.hash);
}

/** The name of each chunk's units. */
const names = (chunks: Chunk[]) =>
  chunks.map((chunk) =>
    unitsOfChunk(chunk)
      .map(({ qualified_name, section, kind }) => qualified_name ?? section ?? kind)
      .map((name) => name.replace(/^crate::a::/, ""))
      .join(" "),
  );

describe("tiny neighbours", () => {
  it("are one chunk, which names them all", async () => {
    const constants = "const A: u8 = 1;\n\n/// Says.\nconst B: u8 = 2;\nconst C: u8 = 3;\n";
    const chunks = await lastChunks({ "src/a.rs": constants });
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatchObject({
      op: "added",
      kind: "const",
      change_type: "new_constant",
      qualified_name: "crate::a::A",
      module_path: "crate::a",
      new_code: constants.trimEnd(),
      line_range: { old: null, new: [1, 5] },
      additions: 5,
      part: null,
      members: [
        {
          function_name: null,
          qualified_name: "crate::a::A",
          section: null,
          line_range: { old: null, new: [1, 1] },
          additions: 1,
          deletions: 0,
        },
        {
          qualified_name: "crate::a::B",
          line_range: { old: null, new: [3, 4] },
          additions: 3, // With the blank line.
          deletions: 0,
        },
        { qualified_name: "crate::a::C", line_range: { old: null, new: [5, 5] } },
      ],
    });
  });

  it("are those of one kind", async () => {
    const text = "const A: u8 = 1;\nconst B: u8 = 2;\nstatic S: u8 = 1;\nconst C: u8 = 3;\n";
    expect(names(await lastChunks({ "src/a.rs": text }))).toEqual(["A B", "S", "C"]);
  });

  it("are those of one type", async () => {
    const text = `impl A {\n    fn a() {}\n    fn b() {}\n}\nimpl B {\n    fn c() {}\n}\n`;
    const chunks = await lastChunks({ "src/a.rs": text });
    expect(names(chunks)).toEqual(["A", "A::a A::b", "B", "B::c"]);
  });

  it("are those that the same happened to", async () => {
    const before = "const A: u8 = 1;\nconst B: u8 = 1;\nconst C: u8 = 1;\nconst E: u8 = 1;\n";
    const after = "const A: u8 = 2;\nconst B: u8 = 2;\nconst D: u8 = 5;\nconst E: u8 = 2;\n";
    const chunks = await lastChunks({ "src/a.rs": before }, { "src/a.rs": after });
    expect(chunks.map(({ op }) => op)).toEqual(["modified", "removed", "modified", "added"]);
    expect(names(chunks)).toEqual(["A B", "C", "E", "D"]);
    expect(chunks[0]).toMatchObject({ additions: 2, deletions: 2 });
    expect(chunks[0]?.members?.map((member) => member.line_range)).toEqual([
      { old: [1, 1], new: [1, 1] },
      { old: [2, 2], new: [2, 2] },
    ]);
  });

  it("have nothing between them, not even what did not change", async () => {
    const lines = (value: number) =>
      `const A: u8 = ${value};\nconst B: u8 = 0;\nconst C: u8 = ${value};\nconst D: u8 = ${value};\n`;
    const chunks = await lastChunks({ "src/a.rs": lines(1) }, { "src/a.rs": lines(2) });
    expect(names(chunks)).toEqual(["A", "C D"]);
  });

  it("are keys, tables and sections under one heading, too", async () => {
    const chunks = await lastChunks({
      "a.json": '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n',
      "b.toml": "[a]\nx = 1\n\n[b]\nx = 2\n",
      "c.md": "# Title\n\n## One\n\nText.\n\n## Two\n\nText.\n\n# Other\n",
    });
    expect(names(chunks)).toEqual([
      "document",
      "a b c",
      "a b",
      "Title",
      "Title > One Title > Two",
      "Other",
    ]);
  });

  it("are at most as long together as they may be", async () => {
    const text = Array.from({ length: 40 }, (_, i) => `const NAME_${i}: u64 = ${i};\n`).join("");
    const repository = gitRepository();
    repository.commit("Add", { "src/a.rs": text });
    for (const minChunkTokens of [0, 20, 64, 10_000]) {
      const { chunks } = await chunkRepository(repository, { minChunkTokens });
      const most = Math.max(...chunks.map(({ new_code }) => new_code?.length ?? 0));
      // No merged chunk is longer than chunks may be.
      expect(most).toBeLessThanOrEqual(Math.max(24, 4 * Math.min(minChunkTokens, 512)));
      expect(chunks.length > 1 && minChunkTokens > 0).toBe(chunks.length > 1 && chunks.length < 40);
    }
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "are the same units as apart, in any history (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const repository = gitRepository();
      let text = program(random);
      for (let number = 0; number < 5; number += 1) {
        repository.commit(`Change ${number}`, { "src/a.rs": text, "b.json": jsonOf(text) });
        text = rewrite(random, text);
      }
      const together = await chunkRepository(repository, { minChunkTokens: 400 });
      const apart = await chunkRepository(repository, { minChunkTokens: 0 });
      expectComplete(together.commits, together.chunks);
      expect(together.chunks.length).toBeLessThan(apart.chunks.length);
      expect(apart.chunks.filter((chunk) => chunk.members)).toEqual([]);
      const units = (chunks: Chunk[]) =>
        chunks.flatMap(unitsOfChunk).map((unit) => {
          // What tells of the chunk that a unit is in.
          const {
            chunk_id: _,
            old_code: __,
            new_code: ___,
            patch: ____,
            duplicate_of: _____,
            ...rest
          } = unit;
          return rest;
        });
      expect(units(together.chunks)).toEqual(units(apart.chunks));
    },
  );
});

/** Names of the items of a Rust file as keys. */
function jsonOf(text: string): string {
  const keys = [...new Set(text.match(/\b[CSLf]\d+\b/g))];
  return `{\n${keys.map((key) => `  "${key}": ${text.length}`).join(",\n")}\n}\n`;
}
