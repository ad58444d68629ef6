import { join } from "node:path";
import { type Dataset, DatasetSchema, readJsonFile } from "@repotune/schema";
import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { type BuildOptions, stage } from "../src/index.ts";
import { readSafetensors } from "./read-safetensors.ts";
import { history, oneEach, type TestDocument, tokenFolder } from "./token-folder.ts";

const SIDES = ["train", "validation", "test"] as const;

async function build(
  documents: readonly TestDocument[],
  commits: number,
  options: Partial<BuildOptions> = {},
) {
  const folder = await tokenFolder(documents, { commits: history(commits) });
  const settings = { ...folder, ...options };
  await stage.run(settings, {});
  const path = join(settings.outputDir, "dataset.json");
  const dataset: Dataset = await readJsonFile(path, DatasetSchema);
  const sides = SIDES.map((side) => {
    const { tensors } = readSafetensors(join(settings.outputDir, `${side}.safetensors`));
    return Object.fromEntries(Object.entries(tensors).map(([name, { values }]) => [name, values]));
  });
  return { dataset, sides };
}

const random = seededRandom(5);
const letters = (length: number) => Array.from({ length }, () => 1 + random.below(26));

test("of a commit beyond the limit the overview stays, and others as they fit", async () => {
  const large = Array.from({ length: 30 }, () => ({ commit: 3, ids: [...letters(19), 0] }));
  const documents = [...oneEach(3), ...large, ...oneEach(10).slice(4)];
  const { dataset, sides } = await build(documents, 10, { maxCommitTokens: 110 });
  const [train] = sides;
  const chunks = (train?.document_chunk ?? []).filter((_, d) => train?.document_commit?.[d] === 3);
  expect(chunks).toHaveLength(5);
  expect(chunks.at(-1)).toBe(32); // the last of the commit's
  expect(chunks).toEqual([...chunks].sort((a, b) => a - b));
  expect(dataset.dropped).toEqual({ beyond_commit_limit_in_train: 25 });
  expect(dataset.leak_audit?.repetition.train.documents).toBe(3 + 30 + 3);

  const again = await build(documents, 10, { maxCommitTokens: 110 });
  expect(again.sides[0]?.document_chunk).toEqual(train?.document_chunk);
  const all = await build(documents, 10, { maxCommitTokens: 0 });
  expect(all.dataset.dropped).toEqual({});
});

test("new text that is nearly an earlier document's weighs less in train, and is left out after it", async () => {
  const text = letters(120);
  const near = (at: number) => text.map((id, i) => (i === at ? 1 + (id % 26) : id));
  const documents = oneEach(20).map((one) => {
    if (one.commit === 1) return { ...one, ids: text };
    if (one.commit === 4)
      return { ...one, ids: near(30), weights: text.map((_, i) => (i < 2 ? 0 : 80)) };
    if (one.commit === 15) return { ...one, ids: near(40) };
    return one;
  }); // prettier-ignore
  const { dataset, sides } = await build(documents, 20);
  const [train, validation] = sides;
  const offsets = train?.document_offsets ?? [];
  const weights = (d: number) => train?.loss_weight_percent?.slice(offsets[d], offsets[d + 1]);
  expect(weights(1)).toEqual(text.map(() => 100));
  expect(weights(4)).toEqual(text.map((_, i) => (i < 2 ? 0 : 20)));
  expect(dataset.splits.train.downweighted_documents).toBe(1);
  expect(validation?.document_commit).not.toContain(15);
  expect(dataset.dropped).toEqual({ near_duplicate_in_validation: 1 });
  expect(dataset.leak_audit?.repetition).toMatchObject({
    train: { near: 1, near_of_earlier_side: 0, repeated_share: 0.0714 },
    validation: { near: 1, near_of_earlier_side: 1 },
    test: { near: 0, repeated_share: 0 },
  });

  const full = await build(documents, 20, { nearDuplicateWeight: 100 });
  expect(full.sides[0]?.loss_weight_percent).toContain(80);
});

test("text that a change leaves as it was does not make it a copy", async () => {
  const text = letters(60);
  const changed = (at: number) => ({
    ids: text.map((id, i) => (i >= at && i < at + 20 ? 1 + random.below(26) : id)),
    weights: text.map((_, i) => (i >= at && i < at + 20 ? 100 : 10)),
  });
  const documents = oneEach(20).map((one) =>
    one.commit === 1
      ? { ...one, ids: text }
      : one.commit === 4 || one.commit === 15
        ? { ...one, ...changed(one.commit) }
        : one,
  );
  const { dataset, sides } = await build(documents, 20);
  expect(dataset.dropped).toEqual({});
  expect(dataset.splits.train.downweighted_documents).toBe(0);
  expect(sides[1]?.document_commit).toContain(15);
});

test("whatever the documents, each content token of a side is predicted exactly once", async () => {
  for (let round = 0; round < 8; round++) {
    const commits = 12 + random.below(30);
    const documents = Array.from({ length: commits }, (_, commit) =>
      Array.from({ length: 1 + random.below(6) }, () => ({
        commit,
        ids: letters(random.below(4) === 0 ? 40 + random.below(300) : 1 + random.below(40)),
      })),
    ).flat();
    const sequenceLength = 16 + random.below(100);
    const { dataset, sides } = await build(documents, commits, { sequenceLength });
    const dropped = Object.values(dataset.dropped).reduce((sum, n) => sum + n, 0);
    const kept = SIDES.reduce((sum, side) => sum + dataset.splits[side].documents, 0);
    expect(kept + dropped).toBe(documents.length);
    for (const [i, side] of sides.entries()) {
      const offsets = side.document_offsets ?? [];
      const pieces = side.pieces ?? [];
      const times = new Array<number>(offsets.at(-1) ?? 0).fill(0);
      let used = 0;
      for (let row = 0; row < pieces.length; row += 3) {
        const [, start = 0, length = 0] = pieces.slice(row, row + 3);
        used += length;
        for (let at = start + 1; at < start + length; at++) times[at] = (times[at] ?? 0) + 1;
      }
      const firsts = new Set(offsets);
      expect(times).toEqual(times.map((_, at) => (firsts.has(at) ? 0 : 1)));
      const { sequences, filled_share = 0 } = dataset.splits[SIDES[i] ?? "train"];
      expect(filled_share).toBeCloseTo(used / (sequences * sequenceLength), 3);
    }
  }
});
