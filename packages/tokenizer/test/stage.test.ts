import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CHANGE_TYPES,
  type Chunk,
  type Commit,
  historyHash,
  SafetensorsFile,
  TOKEN_TENSORS,
  VocabStatsSchema,
  type Vocabulary,
} from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { tinyModel } from "@repotune/test-kit/models";
import { chunk, commit, hashOf } from "@repotune/test-kit/records";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { Errors } from "typebox/value";
import { expect, onTestFinished, test } from "vitest";
import {
  decodeBytes,
  encoderOf,
  loadGgufVocabulary,
  loadTokenizerJson,
  stage,
  type TokenizeOptions,
} from "../src/index.ts";

const jsonl = (records: readonly unknown[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");

/** Ten commits of which each adds a function; the last three are not on the train side. */
function history(): { commits: Commit[]; chunks: Chunk[] } {
  const commits = Array.from({ length: 10 }, (_, i) =>
    commit(i, { message: `Add part ${i}`, files: [`src/p${i}.rs`, "Cargo.lock"] }),
  ); // prettier-ignore
  const words = (i: number) => (i < 7 ? "ordinary" : "futuristic");
  const chunks = commits.flatMap((of, i) => [
    chunk(of, 0, { new_code: `fn ${words(i)}() { ${words(i)}_${words(i)}(); }\n`.repeat(3) }),
    chunk(of, 1, {
      change_type: "modified_test",
      old_code: "fn t() {}\n",
      new_code: "fn t() { ok() }\n",
    }), // prettier-ignore
  ]);
  return { commits, chunks };
}

async function inputs({ commits, chunks } = history()): Promise<TokenizeOptions> {
  const folder = temporaryFolder();
  const options = {
    chunks: join(folder, "chunks.jsonl"),
    commits: join(folder, "commits.jsonl"),
    outputDir: join(folder, "tokens"),
    vocabSize: 384,
  };
  await writeFile(options.chunks, jsonl(chunks));
  await writeFile(options.commits, jsonl(commits));
  return readOptions(stage.options, options);
}

async function outputs(folder: string) {
  const file = await SafetensorsFile.open(join(folder, "tokens.safetensors"));
  const read = async (name: string) => [...(await file.readNumbers(name))];
  const result = {
    metadata: file.metadata,
    tokens: await read(TOKEN_TENSORS.tokens),
    weights: await read(TOKEN_TENSORS.lossWeights),
    offsets: await read(TOKEN_TENSORS.documentOffsets),
    commits: await read(TOKEN_TENSORS.documentCommit),
    chunks: await read(TOKEN_TENSORS.documentChunk),
    changeTypes: await read(TOKEN_TENSORS.documentChangeType),
    bytes: await read(TOKEN_TENSORS.vocabularyBytes),
  };
  await file.close();
  return result;
}

test("a history becomes documents in its order, units before their commit's overview", async () => {
  const options = await inputs();
  const summary = await stage.run(options, {});
  const { tokens, weights, offsets, commits, chunks, changeTypes, bytes, metadata } = await outputs(
    options.outputDir,
  );
  const encoder = await loadTokenizerJson(join(options.outputDir, "tokenizer.json"));

  expect(summary).toMatchObject({ documents: 30, vocabulary: 384, truncated: 0 });
  expect(commits).toEqual(Array.from({ length: 30 }, (_, d) => Math.floor(d / 3)));
  expect(chunks).toEqual(
    Array.from({ length: 30 }, (_, d) => (d % 3 === 2 ? -1 : Math.floor(d / 3) * 2 + (d % 3))),
  ); // prettier-ignore
  expect(changeTypes.slice(0, 3)).toEqual([
    CHANGE_TYPES.indexOf("new_function"),
    CHANGE_TYPES.indexOf("modified_test"),
    255,
  ]);
  expect(offsets).toHaveLength(31);
  expect(offsets.at(-1)).toBe(tokens.length);
  expect(weights).toHaveLength(tokens.length);
  expect(bytes).toEqual(encoder.tokenBytes.map(({ length }) => length));

  const document = (d: number) => tokens.slice(offsets[d], offsets[d + 1]);
  expect(Buffer.from(decodeBytes(encoder, document(0))).toString()).toBe(
    `Add part 0src/p0.rscrate${"fn ordinary() { ordinary_ordinary(); }\n".repeat(3)}`,
  );
  const [start] = encoder.structure("<COMMIT_START>");
  const [end] = encoder.structure("<COMMIT_END>");
  for (let d = 0; d < 30; d++) {
    expect(document(d)[0]).toBe(start);
    expect(document(d).indexOf(end ?? -1)).toBe(document(d).length - 1);
  }
  expect(document(2)).toEqual([
    start,
    ...encoder.structure("<MESSAGE_START>"),
    ...encoder.encode("Add part 0"),
    ...encoder.structure("<MESSAGE_END>"),
    ...encoder.structure("<FILES_START>"),
    ...encoder.structure("<FILE_START>"),
    ...encoder.encode("src/p0.rs"),
    ...encoder.structure("<FILE_END>"),
    ...encoder.structure("<CHANGE:new_function>"),
    ...encoder.structure("<CHANGE:modified_test>"),
    ...encoder.structure("<FILE_START>"),
    ...encoder.encode("Cargo.lock"),
    ...encoder.structure("<FILE_END>"),
    ...encoder.structure("<FILES_END>"),
    end,
  ]);

  const vocabulary: Vocabulary = JSON.parse(metadata.vocabulary ?? "");
  expect(vocabulary).toEqual({ ...encoder.vocabulary, kind: "trained" });
  expect(vocabulary.document_end_id).toBe(end);
  expect(metadata.history_hash).toBe(historyHash(Array.from({ length: 10 }, (_, i) => hashOf(i))));
});

test("no name, address or word from after the cut reaches the vocabulary", async () => {
  const options = await inputs();
  await stage.run({ ...options, vocabSize: 448 }, {});
  const text = await readFile(join(options.outputDir, "tokenizer.json"), "utf8");
  expect(text).toContain("ordinary");
  expect(text).not.toContain("futuristic");
  expect(text).not.toMatch(/uturi/);
  const { tokens } = await outputs(options.outputDir);
  const encoder = encoderOf(JSON.parse(text), "trained");
  const stream = Buffer.from(decodeBytes(encoder, tokens)).toString();
  expect(stream).toContain("futuristic");
  expect(stream).not.toMatch(/Ada|example\.com/);
});

test("statistics tell the sides apart", async () => {
  const options = await inputs();
  await stage.run(options, {});
  const stats = JSON.parse(await readFile(join(options.outputDir, "vocab_stats.json"), "utf8"));
  const { tokens, weights, offsets, commits } = await outputs(options.outputDir);
  const end = offsets[commits.indexOf(7)] ?? 0;
  expect(Errors(VocabStatsSchema, stats)).toEqual([]);
  expect(stats).toMatchObject({ documents: 30, unknown_share: 0, truncated_documents: 0 });
  expect(stats.tokens).toBe(tokens.length);
  expect(stats.by_side.train).toMatchObject({
    documents: 21,
    tokens: end,
    loss_tokens: weights.slice(0, end).filter((weight) => weight > 0).length,
  });
  expect(stats.by_side.validation.documents + stats.by_side.test.documents).toBe(9);
  expect(stats.by_side.train.bytes_per_token).toBeGreaterThan(stats.by_side.test.bytes_per_token);
  expect(stats.by_side.test.bytes_per_token).toBeGreaterThan(1);
  expect(Object.keys(stats.by_language)).toEqual(["rust"]);
  const { train, held_out } = stats.by_language.rust;
  const added = `fn ordinary() { ordinary_ordinary(); }\n`.repeat(3);
  expect(train.bytes).toBe(7 * `${added}fn t() {}\nfn t() { ok() }\n`.length);
  expect(train.bytes_per_token).toBeGreaterThan(held_out.bytes_per_token);
  // fn, the name and the name twice, three times; fn and t, twice; ok.
  expect(stats.identifiers.train.count).toBe(7 * (3 * 3 + 2 * 2 + 1));
  expect(stats.identifiers.held_out.tokens_per_identifier).toBeGreaterThan(1);
  expect(stats.trained_on).toMatchObject({ forgotten_words: 0, long_words: 0 });
  expect(stats.trained_on.words).toBeGreaterThan(stats.trained_on.distinct_words);
});

test("the same input gives the same bytes", async () => {
  const one = await inputs();
  const two = await inputs();
  await stage.run(one, {});
  await stage.run(two, {});
  for (const path of stage.outputs(one)) {
    const other = path.replace(one.outputDir, two.outputDir);
    expect(await readFile(other)).toEqual(await readFile(path));
  }
});

test("its own tokenizer.json gives the same ids again", async () => {
  const first = await inputs();
  await stage.run(first, {});
  const again = {
    ...first,
    outputDir: `${first.outputDir}-2`,
    tokenizer: join(first.outputDir, "tokenizer.json"),
  }; // prettier-ignore
  await stage.run(again, {});
  const [a, b] = [await outputs(first.outputDir), await outputs(again.outputDir)];
  expect(b.tokens).toEqual(a.tokens);
  expect(JSON.parse(b.metadata.vocabulary ?? "").kind).toBe("tokenizer.json");
});

test("a base model's vocabulary needs no tokenizer.json, and an old one goes", async () => {
  const options = await inputs();
  await stage.run(options, {});
  const base = await tinyModel({ vocabulary: 400, layers: 1 });
  const summary = await stage.run({ ...options, base }, {});
  expect(summary).toMatchObject({ documents: 30, vocabulary: 400 });
  const stats = JSON.parse(await readFile(join(options.outputDir, "vocab_stats.json"), "utf8"));
  expect(stats).toMatchObject({ trained_on: null, unknown_share: 0 });
  expect((await readdir(options.outputDir)).sort()).toEqual([
    "tokens.safetensors",
    "vocab_stats.json",
  ]);
  expect(stage.outputs({ ...options, base })).toHaveLength(2);
  const { tokens, offsets, metadata } = await outputs(options.outputDir);
  expect(JSON.parse(metadata.vocabulary ?? "")).toMatchObject({ kind: "gguf", vocab_size: 400 });
  for (const end of offsets.slice(1)) expect(tokens[end - 1]).toBe(2);
  const encoder = await loadGgufVocabulary(base);
  onTestFinished(async () => encoder.dispose?.());
  expect(Buffer.from(decodeBytes(encoder, tokens.slice(0, offsets[1]))).toString()).toMatch(
    /^commit: Add part 0\nfile: src\/p0\.rs\nmodule: crate\nchange: new_function\nafter:\n/,
  );
});

test("a folder that cannot be written is named", async () => {
  const options = await inputs();
  await fails({ ...options, outputDir: options.chunks }, "E_OUTPUT", /chunks\.jsonl/);
});

test("data is left out and counted, unless it is asked for", async () => {
  const { commits, chunks } = history();
  for (const unit of chunks.slice(0, 2)) unit.file_type = "data";
  const options = await inputs({ commits, chunks });
  const notices: string[] = [];
  await stage.run({ ...options, vocabSize: 100_000 }, { onNotice: (text) => notices.push(text) });
  expect(notices).toEqual([
    expect.stringMatching(/vocabulary of \d{3} tokens, not 100000/),
    expect.stringMatching(/^2 chunks of data files/),
  ]);
  const { chunks: lines } = await outputs(options.outputDir);
  expect(lines.slice(0, 3)).toEqual([-1, 2, 3]);
  const stats = JSON.parse(await readFile(join(options.outputDir, "vocab_stats.json"), "utf8"));
  expect(stats).toMatchObject({ documents: 28, left_out_chunks: { data: 2 } });
  expect(await stage.run({ ...options, includeData: true }, {})).toMatchObject({ documents: 30 });
});

test("messages are those of the chunks, which are free of secrets", async () => {
  const { commits, chunks } = history();
  for (const of of commits) {
    of.metadata.message = "Rotate the topsecretkey";
    of.metadata.message_body = "It was topsecretkey.";
  }
  const options = await inputs({ commits, chunks: chunks.filter((it) => it.commit_number !== 3) });
  await stage.run(options, {});
  const encoder = await loadTokenizerJson(join(options.outputDir, "tokenizer.json"));
  const { tokens, offsets, commits: numbers } = await outputs(options.outputDir);
  const document = (d: number) =>
    Buffer.from(decodeBytes(encoder, tokens.slice(offsets[d], offsets[d + 1]))).toString();
  const texts = numbers.map((_, d) => document(d));
  expect(texts.join("\n")).not.toContain("topsecretkey");
  expect(texts[0]).toMatch(/^Add part 0src/);
  // A commit without chunks tells its files, without a message.
  expect(texts.filter((_, d) => numbers[d] === 3)).toEqual(["src/p3.rsCargo.lock"]);
});

test("hierarchical documents hold several units, and say so by the first", async () => {
  const { commits, chunks } = history();
  const options = await inputs({ commits, chunks });
  await stage.run({ ...options, rendering: "hierarchical" }, {});
  const result = await outputs(options.outputDir);
  expect(result.commits).toEqual(Array.from({ length: 20 }, (_, d) => Math.floor(d / 2)));
  expect(result.chunks).toEqual(Array.from({ length: 20 }, (_, d) => (d % 2 ? -1 : d)));
  expect(result.changeTypes.slice(0, 2)).toEqual([CHANGE_TYPES.indexOf("new_function"), 255]);
  expect(JSON.parse(result.metadata.options ?? "")).toMatchObject({ rendering: "hierarchical" });

  await stage.run({ ...options, rendering: "hierarchical", maxDocumentTokens: 64 }, {});
  expect((await outputs(options.outputDir)).chunks.slice(0, 3)).toEqual([0, 1, -1]);
});

test.each(["semantic", "hierarchical"] as const)(
  "holes are on the train side alone, and marked by the vocabulary: %s",
  async (rendering) => {
    const options = { ...(await inputs()), rendering };
    await stage.run(options, {});
    const whole = await outputs(options.outputDir);
    await stage.run({ ...options, fimRate: 1 }, {});
    const { tokens, offsets, commits, metadata } = await outputs(options.outputDir);
    expect(JSON.parse(metadata.vocabulary ?? "")).toEqual(
      JSON.parse(whole.metadata.vocabulary ?? ""),
    );
    const encoder = await loadTokenizerJson(join(options.outputDir, "tokenizer.json"));
    const marks = new Set([encoder.fim?.prefix, encoder.fim?.suffix, encoder.fim?.middle]);
    const holesOf = (from: number, to: number) =>
      commits.flatMap((commit, d) =>
        commit >= from && commit < to
          ? tokens.slice(offsets[d], offsets[d + 1]).filter((id) => marks.has(id))
          : [],
      ).length;
    expect(holesOf(0, 7)).toBe(7 * 2 * 3);
    expect(holesOf(7, 10)).toBe(0);
    const start = offsets[commits.indexOf(7)];
    const before = whole.tokens.slice(whole.offsets[whole.commits.indexOf(7)]);
    expect(tokens.slice(start)).toEqual(before);
  },
);

test("holes need a vocabulary that marks them, and whole code", async () => {
  const options = { ...(await inputs()), fimRate: 0.5 };
  const base = await tinyModel({ vocabulary: 400, layers: 1 });
  await fails({ ...options, base }, "E_UNSUPPORTED", /no tokens that mark prefix, suffix/);
  expect(await readdir(options.outputDir)).toEqual([]);
  await fails({ ...options, rendering: "diff-aware" }, "E_USAGE", /diff-aware/);
  await fails({ ...options, rendering: "flat" }, "E_USAGE", /flat/);
});

test("documents are made anew when branches move, which the split goes by", async () => {
  const options = await inputs();
  const lineage = options.commits.replace("jsonl", "lineage.json");
  const prints = async (rendering: TokenizeOptions["rendering"]) => {
    const before = await stage.fingerprint?.({ ...options, rendering }, {});
    await writeFile(lineage, `${before}.`);
    return [before, await stage.fingerprint?.({ ...options, rendering }, {})];
  };
  expect(new Set(await prints("semantic")).size).toBe(2);
  expect(new Set(await prints("hierarchical")).size).toBe(2);
});

test("a merge has no overview", async () => {
  const { commits, chunks } = history();
  const merge = commits[3];
  if (merge) merge.metadata.is_merge = true;
  const options = await inputs({
    commits,
    chunks: chunks.filter(({ commit_number: n }) => n !== 3),
  }); // prettier-ignore
  await stage.run(options, {});
  const { commits: numbers } = await outputs(options.outputDir);
  expect(numbers).not.toContain(3);
  expect(numbers).toHaveLength(27);
});

test("a side of merges alone has their overviews", async () => {
  const { commits, chunks } = history();
  for (const of of commits.slice(8)) of.metadata.is_merge = true;
  const options = await inputs({ commits, chunks: chunks.filter((it) => it.commit_number < 8) });
  await stage.run(options, {});
  const { commits: numbers } = await outputs(options.outputDir);
  // Validation is 7 and 8, and has commit 7; test is 9.
  expect(numbers.filter((number) => number >= 7)).toEqual([7, 7, 7, 9]);
});

const fails = (options: TokenizeOptions, code: string, message: RegExp) =>
  expect(stage.run(options, {})).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });

test("chunks of another history are refused", async () => {
  const { commits, chunks } = history();
  const [first] = chunks;
  if (first) first.commit_hash = "f".repeat(40);
  await fails(await inputs({ commits, chunks }), "E_MISMATCH", /f{40}.* is 0{39}1/);
  const more = [...history().chunks, chunk(commit(10, { message: "Later", files: ["a.rs"] }), 0)];
  await fails(await inputs({ commits, chunks: more }), "E_MISMATCH", /commit 10, .*does not exist/);
});

test("chunks out of order are refused", async () => {
  const { commits, chunks } = history();
  await fails(await inputs({ commits, chunks: chunks.reverse() }), "E_INPUT", /stands after/);
});

test("a file that is cut off is refused, and leaves nothing behind", async () => {
  const options = await inputs();
  const { length } = await readFile(options.chunks);
  await truncate(options.chunks, length - 30);
  await fails(options, "E_TRUNCATED", /chunks\.jsonl line 20/);
  expect(await readdir(options.outputDir)).toEqual([]);
});

test("a file cut off between two lines is found by the statistics beside it", async () => {
  const { commits, chunks } = history();
  const options = await inputs({ commits, chunks: chunks.slice(0, -1) });
  const stats = {
    by_op: {},
    by_change_type: {},
    by_language: {},
    skipped_files: {},
    degraded_files: {},
  }; // prettier-ignore
  const provenance = {
    schema_version: "1.0.0",
    producer: { name: "x", version: "1" },
    options: {},
    input_hash: "",
  }; // prettier-ignore
  await writeFile(
    join(options.chunks, "../chunking_stats.json"),
    JSON.stringify({ ...provenance, ...stats, commits: 10, files: 10, chunks: 20 }),
  );
  await fails(options, "E_TRUNCATED", /holds 19 chunks; .* says 20/);
});

test("chunks of another schema version are refused", async () => {
  const { commits, chunks } = history();
  const [first] = chunks;
  if (first) first.schema_version = "9.0.0";
  await fails(await inputs({ commits, chunks }), "E_SCHEMA_VERSION", /line 1 .*"9\.0\.0"/);
});

test("too short a history, missing files and two vocabularies are refused", async () => {
  const { commits, chunks } = history();
  await fails(
    await inputs({ commits: commits.slice(0, 2), chunks: [] }),
    "E_TOO_SMALL",
    /2 commits/,
  ); // prettier-ignore
  const options = await inputs({ commits, chunks });
  await fails({ ...options, chunks: "/nowhere/chunks.jsonl" }, "E_NOT_FOUND", /nowhere/);
  await fails({ ...options, tokenizer: "/nowhere.json" }, "E_NOT_FOUND", /nowhere/);
  await fails({ ...options, base: "a.gguf", tokenizer: "b.json" }, "E_USAGE", /Both/);
});

test("a history without text gives no vocabulary", async () => {
  const commits = Array.from({ length: 5 }, (_, i) => commit(i, { message: "" }));
  await fails(await inputs({ commits, chunks: [] }), "E_TOO_SMALL", /no text/);
});

test("an abort stops the work and leaves nothing behind", async () => {
  const options = await inputs();
  const controller = new AbortController();
  const run = stage.run(options, {
    signal: controller.signal,
    onProgress: ({ unit, done }) => {
      if (unit === "commits" && done === 4) controller.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(await readdir(options.outputDir)).toEqual([]);
});
