import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, DatasetSchema, readJsonFile } from "@repotune/schema";
import { commit } from "@repotune/test-kit/records";
import { expect, test } from "vitest";
import { type BuildOptions, stage } from "../src/index.ts";
import { readSafetensors } from "./read-safetensors.ts";
import { history, oneEach, type TestDocument, tokenFolder } from "./token-folder.ts";

const sides = ["train", "validation", "test"] as const;

async function build(options: BuildOptions) {
  await stage.run(options, {});
  const dataset: Dataset = await readJsonFile(
    join(options.outputDir, "dataset.json"),
    DatasetSchema,
  );
  const files = sides.map((side) =>
    readSafetensors(join(options.outputDir, `${side}.safetensors`)),
  );
  const values = (side: number, name: string) => files[side]?.tensors[name]?.values ?? [];
  const documents = (side: number) => {
    const offsets = values(side, "document_offsets");
    const tokens = values(side, "tokens");
    return offsets.slice(0, -1).map((start, d) => tokens.slice(start, offsets[d + 1]));
  };
  return { dataset, files, values, documents };
}

const fails = (options: BuildOptions, code: string, message: RegExp) =>
  expect(stage.run(options, {})).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });

test.each(["70/15/15", "85/10/5", "90/10"])(
  "%s: every document is on its commit's side",
  async (split) => {
    const documents = oneEach(40).flatMap((one, i) =>
      i % 5 === 0 ? [one] : [one, { ...one, ids: [5, ...one.ids] }],
    ); // prettier-ignore
    const options = await tokenFolder(documents, { commits: history(40) });
    const { dataset, values, documents: read } = await build({ ...options, split });
    const [train = 0, validation = 0] = dataset.split.ratios;
    const [validationStart, testStart] = [
      Math.round(40 * train),
      Math.round(40 * (train + validation)),
    ];
    const ends = [validationStart, testStart, 40];
    let start = 0;
    for (const [side, end] of ends.entries()) {
      const expected = documents.filter((it) => it.commit >= start && it.commit < end);
      expect(values(side, "document_commit")).toEqual(expected.map((it) => it.commit));
      expect(read(side)).toEqual(expected.map(({ ids }) => ids));
      start = end;
    }
    const hashes = history(40).map((it) => it.metadata.hash);
    expect(dataset.split.validation_starts_at).toBe(hashes[validationStart]);
    expect(dataset.split.test_starts_at).toBe(hashes[testStart]);
    expect(dataset.splits.train.last_commit).toBe(hashes[validationStart - 1]);
    expect(dataset.splits.validation.first_commit).toBe(hashes[validationStart]);
  },
);

test("every tensor arrives, and no row reaches over an end", async () => {
  const documents = oneEach(20, 300);
  const options = await tokenFolder(documents, { commits: history(20) });
  const { dataset, files, values } = await build({ ...options, sequenceLength: 128 });
  for (const [side, file] of files.entries()) {
    const tokens = values(side, "tokens");
    const offsets = values(side, "document_offsets");
    const { pieces } = file.tensors;
    expect(pieces?.shape).toEqual([(pieces?.values.length ?? 0) / 3, 3]);
    expect(values(side, "loss_weight_percent")).toHaveLength(tokens.length);
    expect(values(side, "document_chunk")).toHaveLength(offsets.length - 1);
    expect(values(side, "document_change_type")).toHaveLength(offsets.length - 1);
    expect(values(side, "vocabulary_bytes")).toEqual([0, ...Array(26).fill(1)]);
    for (let at = 0; at < (pieces?.values.length ?? 0); at += 3) {
      const [, start = 0, length = 0] = pieces?.values.slice(at, at + 3) ?? [];
      const document = offsets.findLastIndex((offset) => offset <= start);
      expect(start + length).toBeLessThanOrEqual(offsets[document + 1] ?? 0);
    }
    const described = dataset.splits[sides[side] ?? "train"];
    expect(described.tokens).toBe(tokens.length);
    expect(described.sequences).toBe((pieces?.values.at(-3) ?? -1) + 1);
    expect(file.metadata).toMatchObject({ schema_version: "1.0.0" });
    expect(JSON.parse(file.metadata.vocabulary ?? "")).toEqual(dataset.vocabulary);
  }
});

test("context-target windows lie within their side", async () => {
  const options = await tokenFolder(oneEach(20, 100), { commits: history(20) });
  const shape = { contextLength: 128, targetLength: 32, stride: 16 };
  const { dataset, files, values } = await build({
    ...options,
    ...shape,
    objective: "context-target",
  }); // prettier-ignore
  expect(dataset.sequence_length).toBe(160);
  for (const [side, { tensors }] of files.entries()) {
    const { windows } = tensors;
    expect(tensors.pieces).toBeUndefined();
    const count = Math.floor((values(side, "tokens").length - 160) / 16) + 1;
    expect(windows?.shape).toEqual([count, 3]);
    expect(windows?.values.slice(-3)).toEqual([
      (count - 1) * 16,
      (count - 1) * 16 + 128,
      (count - 1) * 16 + 160,
    ]); // prettier-ignore
    expect(dataset.splits[sides[side] ?? "train"].sequences).toBe(count);
  }
});

test("documents that repeat an earlier one are dropped, and counted by side", async () => {
  const same = (commit: number): TestDocument => ({ commit, ids: [1, 2, 3, 0] });
  const later = (commit: number): TestDocument => ({ commit, ids: [4, 2, 3, 0] });
  const documents = [
    same(0),
    same(1),
    ...oneEach(10).slice(2, 8),
    same(7),
    later(8),
    ...oneEach(10).slice(9),
    later(9),
  ]; // prettier-ignore
  const options = await tokenFolder(documents);
  const { dataset, values } = await build(options);
  expect(dataset.dropped).toEqual({
    duplicate_in_train: 1,
    duplicate_in_validation: 1,
    duplicate_in_test: 1,
  });
  expect(dataset.leak_audit?.repetition).toMatchObject({
    train: { exact: 1, exact_of_earlier_side: 0 },
    validation: { exact: 1, exact_of_earlier_side: 1 },
    test: { exact: 1, exact_of_earlier_side: 1 },
  });
  expect([0, 1, 2].map((side) => values(side, "document_commit"))).toEqual([
    [0, 2, 3, 4, 5, 6],
    [7, 8],
    [9],
  ]);
  const kept = await build({ ...options, keepDuplicates: true });
  expect(kept.dataset.dropped).toEqual({});
  expect(kept.values(2, "document_commit")).toEqual([9, 9]);
});

test("a side that only repeats is named", async () => {
  const documents = [...oneEach(9), { commit: 9, ids: oneEach(1)[0]?.ids ?? [] }];
  const options = await tokenFolder(documents);
  await fails(options, "E_TOO_SMALL", /test side .* \(commit 0{39}a\) only repeats/);
  await build({ ...options, keepDuplicates: true });
});

test("documents of one token are dropped, and counted", async () => {
  const options = await tokenFolder([{ commit: 0, ids: [4] }, ...oneEach(10)]);
  const { dataset } = await build(options);
  expect(dataset.dropped).toEqual({ nothing_to_predict: 1 });
});

test("the description counts what is there", async () => {
  const commits = [
    commit(0),
    commit(1, { authorEmail: "bob@example.com" }),
    ...history(10).slice(2),
  ];
  const documents = oneEach(10).map((one, i) => ({
    ...one,
    weights: one.ids.map((_, at) => (at < i ? 0 : 50)),
  })); // prettier-ignore
  const { dataset } = await build(await tokenFolder(documents, { commits }));
  const { train, test } = dataset.splits;
  expect(train).toMatchObject({
    commits: 7,
    documents: 7,
    tokens: 140,
    loss_tokens: 140 - 21,
    bytes: 133,
    authors: 2,
    date_range: { first: commits[0]?.metadata.timestamp, last: commits[6]?.metadata.timestamp },
    document_length_histogram: [
      { up_to: 16, documents: 0 },
      { up_to: 32, documents: 7 },
    ],
  });
  expect(train.change_types).toMatchObject({ new_function: 1, new_struct: 1 });
  expect(test.authors).toBe(1);
  expect(dataset.recommended_epochs).toBe(10);
});

test("the same input gives the same bytes", async () => {
  const [one, two] = [
    await tokenFolder(oneEach(30), { commits: history(30) }),
    await tokenFolder(oneEach(30), { commits: history(30) }),
  ]; // prettier-ignore
  await stage.run(one, {});
  await stage.run(two, {});
  const names = await readdir(one.outputDir);
  expect(names.sort()).toEqual([
    "dataset.json",
    "test.safetensors",
    "tokenizer.json",
    "train.safetensors",
    "validation.safetensors",
  ]); // prettier-ignore
  for (const name of names) {
    expect(await readFile(join(two.outputDir, name))).toEqual(
      await readFile(join(one.outputDir, name)),
    ); // prettier-ignore
  }
});

test("wide ids stay wide", async () => {
  const options = await tokenFolder(oneEach(10), { idType: "U32" });
  const { files, documents } = await build(options);
  expect(files[0]?.tensors.tokens?.dtype).toBe("U32");
  expect(documents(0)[3]).toEqual(oneEach(10)[3]?.ids);
});

test("a base model's vocabulary has no tokenizer.json, and an old one goes", async () => {
  const options = await tokenFolder(oneEach(10));
  await stage.run(options, {});
  const base = await tokenFolder(oneEach(10), { kind: "gguf" });
  const { dataset } = await build({ ...base, outputDir: options.outputDir });
  expect(dataset.tokenizer_file).toBeNull();
  expect(await readdir(options.outputDir)).not.toContain("tokenizer.json");
});

test("tokens of another history are refused", async () => {
  const options = await tokenFolder(oneEach(10), { metadata: { history_hash: "0" } });
  await fails(options, "E_MISMATCH", /was not made from the commits in .*commits\.jsonl/);
});

test("holes in what is measured on are refused, whatever the vocabulary", async () => {
  const written = (fim_rate: number) => ({
    commits: history(20),
    kind: "gguf" as const,
    metadata: { options: JSON.stringify({ split: "85/10/5", fim_rate }) },
  });
  await fails(await tokenFolder(oneEach(20), written(0.5)), "E_MISMATCH", /train side of 85/);
  await build(await tokenFolder(oneEach(20), written(0)));
});

test("a vocabulary that has seen what is measured on is refused", async () => {
  const metadata = { options: JSON.stringify({ split: "85/10/5" }) };
  const options = await tokenFolder(oneEach(20), { commits: history(20), metadata });
  await fails(options, "E_MISMATCH", /train side of 85\/10\/5, which reaches past that of 70/);
  await build({ ...options, split: "85/10/5" });
  await build({ ...options, split: "90/10" });
});

test("an id outside the vocabulary is refused", async () => {
  const documents = [...oneEach(9), { commit: 9, ids: [1, 27, 0] }];
  await fails(await tokenFolder(documents), "E_MISMATCH", /document 9 holds id 27; .* 27 tokens/);
});

test("a tokenizer.json of another vocabulary is refused", async () => {
  const options = await tokenFolder(oneEach(10));
  const path = join(options.tokens, "tokenizer.json");
  await writeFile(path, (await readFile(path, "utf8")).replace('"z"', '"Z"'));
  await fails(options, "E_MISMATCH", /is not the vocabulary/);
  await writeFile(path, "{");
  await fails(options, "E_INPUT", /is not a tokenizer\.json/);
});

test("damaged tokens are refused", async () => {
  const options = await tokenFolder(oneEach(10));
  const path = join(options.tokens, "tokens.safetensors");
  const { length } = await readFile(path);
  await truncate(path, length - 1);
  await fails(options, "E_TRUNCATED", /is cut off/);
  const unordered = await tokenFolder(oneEach(10).reverse());
  await fails(unordered, "E_INPUT", /not in the order of the history/);
  const nameless = await tokenFolder(oneEach(10), { metadata: { vocabulary: "{}" } });
  await fails(nameless, "E_INPUT", /which vocabulary/);
  const future = await tokenFolder(oneEach(10), { metadata: { schema_version: "2.0.0" } });
  await fails(future, "E_SCHEMA_VERSION", /"2\.0\.0"/);
  await fails({ ...options, tokens: "/nowhere" }, "E_NOT_FOUND", /nowhere/);
});

test("a folder that cannot be written is named", async () => {
  const options = await tokenFolder(oneEach(10));
  await fails({ ...options, outputDir: options.commits }, "E_OUTPUT", /commits\.jsonl/);
});

test("a side without documents is named, with its commits", async () => {
  const documents = oneEach(20).filter((it) => it.commit < 17);
  const options = await tokenFolder(documents, { commits: history(20) });
  await fails(
    options,
    "E_TOO_SMALL",
    /test side .* \(commits 0{38}12 to 0{38}14\) is empty: no file/,
  );
  const single = await tokenFolder(documents.slice(0, 3), { commits: history(4) });
  await fails(single, "E_TOO_SMALL", /test side .* \(commit 0{39}4\) is empty/);
  expect(await readdir(options.outputDir)).not.toContain("dataset.json");
});

test("a side too short for a target is named", async () => {
  const options = await tokenFolder(oneEach(10));
  await fails(
    { ...options, objective: "context-target", targetLength: 64 },
    "E_TOO_SMALL",
    /validation side .* has 40 tokens, .* target of 64/,
  );
});

test("three commits are enough, two are not", async () => {
  await build(await tokenFolder(oneEach(3), { commits: history(3) }));
  const two = await tokenFolder(oneEach(2), { commits: history(2) });
  await fails(two, "E_TOO_SMALL", /2 commits/);
});

test("an abort stops the work and leaves nothing half written", async () => {
  const options = await tokenFolder(oneEach(10));
  const controller = new AbortController();
  const onProgress = ({ unit, done }: { unit: string; done: number }) => {
    if (unit === "train documents" && done === 3) controller.abort();
  };
  const run = stage.run(options, { signal: controller.signal, onProgress });
  await expect(run).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(await readdir(options.outputDir)).toEqual([]);
});
