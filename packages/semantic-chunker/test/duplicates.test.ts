import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Chunk } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { DuplicateIndex } from "../src/hygiene/duplicate-index.ts";
import { chunkRepository, expectComplete } from "./collect.ts";

const chunkOf = (chunk_id: string, new_code: string | null, old_code: string | null = null) =>
  ({ chunk_id, op: "added", language: "rust", old_code, new_code }) as Chunk;

describe("an index of chunks", () => {
  it("knows the first of equal ones, however many there are", () => {
    const index = new DuplicateIndex();
    const firsts = new Map<string, string>();
    const random = seededRandom(3);
    for (let commit = 0; commit < 400; commit += 1) {
      const count = random.below(40);
      for (let number = 0; number < count; number += 1) {
        const id = `c${commit}_${number}`;
        const code = `${random.below(5000)}`;
        expect(index.see(chunkOf(id, code))).toBe(firsts.get(code));
        if (!firsts.has(code)) firsts.set(code, id);
      }
    }
    expect(firsts.size).toBeGreaterThan(3000);
  });

  it("distinguishes sides, operations and languages", () => {
    const index = new DuplicateIndex();
    const all = [
      chunkOf("a_0", "x"),
      chunkOf("a_1", null, "x"),
      chunkOf("a_2", "x", ""),
      chunkOf("a_3", "", "x"),
      { ...chunkOf("a_4", "x"), language: "python" },
      { ...chunkOf("a_5", "x"), op: "moved" as const },
    ];
    expect(all.map((chunk) => index.see(chunk))).toEqual(all.map(() => undefined));
    expect(index.see(chunkOf("a_6", "", "x"))).toBe("a_3");
  });

  it("takes less than 50 bytes for each of a million chunks", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const used = async () => {
      collect();
      // Buffers are given back beside the program's own work.
      await setTimeout(200);
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = await used();
    const index = new DuplicateIndex();
    for (let number = 0; number < 1_000_000; number += 1) {
      index.see(chunkOf(`${number >> 4}_${number & 15}`, `${number}`));
    }
    expect(((await used()) - before) / 1_000_000).toBeLessThan(50);
    expect(index.see(chunkOf("a_0", "77"))).toBe("4_13");
  }, 60_000);
});

describe("a history that repeats itself", () => {
  it("names the first chunk of equal ones, and keeps them all", async () => {
    const repository = gitRepository();
    const text = "pub fn a() -> u32 {\n    40 + 2\n}\n";
    repository.commit("Add", { "src/a.rs": text });
    repository.commit("Add it again", { "src/b.rs": text, "src/c.rs": text });
    const { chunks, counts, commits } = await chunkRepository(repository);
    expectComplete(commits, chunks);
    const [first] = chunks;
    expect(chunks.map((chunk) => chunk.duplicate_of)).toEqual([
      undefined,
      first?.chunk_id,
      first?.chunk_id,
    ]);
    expect(counts.hygiene).toMatchObject({ duplicate_chunks: 2 });
  });
});
