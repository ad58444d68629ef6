import { join } from "node:path";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { commitLines } from "../src/input/commit-lines.ts";
import { NearDuplicateIndex } from "../src/near-duplicates/near-duplicate-index.ts";
import { SKETCH_SIZE, similarity, sketchOf } from "../src/near-duplicates/sketch.ts";
import { linesOf, plannedHistory } from "./planned-history.ts";

const random = seededRandom(11);
const hash = () => random.below(2 ** 32);
const setOf = (size: number) => Uint32Array.from({ length: size }, hash);

/** A set of which `shared` elements are those of `set`, and `size` in all. */
const alike = (set: Uint32Array, shared: number, size: number) =>
  Uint32Array.from({ length: size }, (_, i) => (i < shared ? (set[i] as number) : hash()));

test("similarity is exact as long as both sets fit in their sketches", () => {
  for (let round = 0; round < 300; round++) {
    const size = 1 + random.below(SKETCH_SIZE / 2);
    const a = setOf(size);
    const shared = random.below(size + 1);
    const b = alike(a, shared, shared + random.below(SKETCH_SIZE / 2));
    if (b.length === 0) continue;
    const either = new Set([...a, ...b]).size;
    expect(similarity(sketchOf(a.slice()), sketchOf(b.slice()))).toBe(
      (a.length + b.length - either) / either,
    );
  }
});

test("the similarity of large sets is estimated well", () => {
  const errors = Array.from({ length: 60 }, () => {
    const a = setOf(5_000);
    const b = alike(a, 4_750, 5_000); // 4,750 of 5,250
    return similarity(sketchOf(a), sketchOf(b)) - 4_750 / 5_250;
  });
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const deviation = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
  expect(Math.abs(mean)).toBeLessThan(0.015);
  expect(deviation).toBeLessThan(0.04);
});

test("near-duplicates are found among thousands of sets, and nothing else is", () => {
  const index = new NearDuplicateIndex(join(temporaryFolder(), "index"), 3_000);
  try {
    const sets = Array.from({ length: 3_000 }, () => setOf(20 + random.below(200)));
    for (const [item, set] of sets.entries()) {
      expect(index.findOrAdd(sketchOf(set.slice()), item)).toBeUndefined();
    }
    let missed = 0;
    for (const [item, set] of sets.entries()) {
      const near = alike(set, Math.ceil(set.length * 0.97), set.length);
      const half = alike(set, Math.floor(set.length / 2), set.length);
      const found = index.findOrAdd(sketchOf(near), -1);
      if (found === undefined) missed += 1;
      else expect(found.item).toBe(item);
      expect(index.findOrAdd(sketchOf(half), -2)?.item).toBeUndefined();
    }
    expect(missed).toBeLessThan(5);
  } finally {
    index.close();
  }
});

test("a group is told by its first member", () => {
  const index = new NearDuplicateIndex(join(temporaryFolder(), "index"), 10);
  try {
    const set = setOf(50);
    expect(index.findOrAdd(sketchOf(set.slice()), 7)).toBeUndefined();
    for (let copy = 8; copy < 12; copy++) {
      expect(index.findOrAdd(sketchOf(set.slice()), copy)).toEqual({ item: 7, similarity: 1 });
    }
  } finally {
    index.close();
  }
});

test("a patch is itself wherever it applies, and however it is indented", () => {
  const [plain] = plannedHistory([{ lines: linesOf("a", 5), file: "a.rs" }]);
  if (!plain) throw new Error("There is one.");
  const change = (edit: (patch: string) => string) => ({
    ...plain,
    diffs: plain.diffs.map((diff) => ({ ...diff, patch: edit(diff.patch) })),
  });
  const { patchId, changed, added } = commitLines(plain);
  expect(added).toHaveLength(5);
  const moved = commitLines(change((patch) => patch.replace("-0,0 +1,5", "-10,0 +11,5")));
  const indented = commitLines(change((patch) => patch.replaceAll("+let", "+\t  let")));
  expect([moved.patchId, indented.patchId]).toEqual([patchId, patchId]);
  expect(similarity(changed, indented.changed)).toBe(1);

  const other = commitLines(change((patch) => patch.replace("a_3", "b_3")));
  const removed = commitLines(change((patch) => patch.replace("+let a_0", "-let a_0")));
  expect(new Set([patchId, other.patchId, removed.patchId]).size).toBe(3);
  expect(removed.added).toHaveLength(4);
  expect(similarity(changed, removed.changed)).toBeLessThan(1);

  const braces = commitLines(change((patch) => `${patch}+}\n+\n+  )}\n`));
  expect(braces.added).toHaveLength(5);
  expect(braces.patchId).not.toBe(patchId);
});

test("merges and empty commits have no patch", () => {
  const [, merge] = plannedHistory([{}, { parents: [0, 0], lines: ["x"] }]);
  if (!merge) throw new Error("There is one.");
  expect(commitLines(merge)).toMatchObject({ patchId: 0, changed: { size: 0 } });
  expect(
    commitLines({ ...merge, metadata: { ...merge.metadata, is_merge: false }, diffs: [] }).patchId,
  ).toBe(0);
});
