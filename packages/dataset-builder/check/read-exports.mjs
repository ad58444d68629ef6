/**
 * Exports a dataset in every format, and reads each with software that is not ours:
 *
 *     npm run build && node check/read-exports.mjs RUN
 *
 * RUN is the folder of a run, with commits.jsonl and tokens/. Parquet is read by DuckDB, safetensors
 * and npy by numpy (python3 must have it), text by @huggingface/tokenizers; DuckDB and the tokenizers
 * are installed by npm into a temporary folder. What they count is compared with the dataset's own
 * files, read here by nothing but the description of the safetensors format.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BIN = join(import.meta.dirname, "..", "bin.js");
const SIDES = ["train", "validation", "test"];
const DECODED = 3_000;

const [run] = process.argv.slice(2);
if (run === undefined) {
  console.error("usage: read-exports.mjs RUN");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "repotune-exports-"));
const at = (...parts) => join(folder, ...parts);
let differences = 0;
try {
  execFileSync("npm", [
    "install",
    "--silent",
    "--prefix",
    folder,
    "@duckdb/node-api",
    "@huggingface/tokenizers",
  ]);
  for (const objective of ["causal", "context-target"]) {
    const built = ["--objective", objective, "--output-dir", at(objective)];
    command("--tokens", join(run, "tokens"), "--commits", join(run, "commits.jsonl"), ...built);
    await checkParquet(objective);
  }
  checkNumpy();
  await checkText();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (differences > 0) process.exitCode = 1;

function command(...argv) {
  execFileSync(process.execPath, [BIN, ...argv, "--quiet"].map(String), { stdio: "inherit" });
}

/** Runs the export of a dataset. */
function exported(objective, format) {
  const output = at(`${objective}-${format}`);
  execFileSync(
    process.execPath,
    [
      BIN,
      "export",
      "--quiet",
      "--format",
      format,
      "--dataset",
      at(objective),
      "--output-dir",
      output,
    ],
    { stdio: "inherit" },
  );
  return output;
}

function compare(what, expected, actual) {
  const isSame = JSON.stringify(expected) === JSON.stringify(actual);
  if (!isSame) differences += 1;
  const told = isSame ? "equal" : `DIFFERENT: expected ${JSON.stringify(expected)}`;
  console.log(`${what}: ${JSON.stringify(actual)} ${told}`);
}

async function checkParquet(objective) {
  const { DuckDBInstance } = createRequire(at("x.js"))("@duckdb/node-api");
  const output = exported(objective, "parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  for (const side of SIDES) {
    const from = `'${resolve(output)}/data/${side}-*.parquet'`;
    const reader = await connection.runAndReadAll(`
      SELECT count(*), sum(len(input_ids)), sum(list_sum(input_ids)), sum(list_sum(attention_mask)),
        sum(len(list_filter(labels, lambda x: x >= 0))), sum(list_sum(list_filter(labels, lambda x: x >= 0)))
      FROM ${from}`);
    const columns = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
    const layout = columns.getRows().map(([name, type]) => `${name} ${type}`);
    compare(
      `${objective} parquet ${side}, columns by DuckDB`,
      ["input_ids INTEGER[]", "attention_mask INTEGER[]", "labels INTEGER[]"],
      layout,
    );
    const [row] = reader.getRows();
    compare(
      `${objective} parquet ${side}, rows and sums by DuckDB`,
      expectedRows(objective, side),
      row.map(Number),
    );
  }
}

/** Rows, tokens, sum of ids, sum of masks, labels, sum of labels: from the dataset's own file. */
function expectedRows(objective, side) {
  const {
    tokens,
    loss_weight_percent: weights,
    pieces,
    windows,
  } = tensors(at(objective, `${side}.safetensors`));
  const rows = pieces ?? windows;
  const sums = [rows.length / 3, 0, 0, 0, 0, 0];
  for (let row = 0; row < rows.length; row += 3) {
    const [a, b, c] = rows.subarray(row, row + 3);
    const [start, predicted, end] = pieces ? [b, b + 1, b + c] : [a, b, c];
    for (let i = start; i < end; i++) {
      sums[1] += 1;
      sums[2] += tokens[i];
      sums[3] += 1;
      if (i < predicted || weights[i] === 0) continue;
      sums[4] += 1;
      sums[5] += tokens[i];
    }
  }
  return sums;
}

/** Tensors of a safetensors file, by the description of the format. */
function tensors(path) {
  const file = openSync(path, "r");
  const read = (start, length) => {
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; )
      done += readSync(file, bytes, done, length - done, start + done);
    return bytes.buffer;
  };
  const headerBytes = Number(new BigUint64Array(read(0, 8))[0]);
  const header = JSON.parse(Buffer.from(read(8, headerBytes)).toString());
  const types = {
    U8: Uint8Array,
    U16: Uint16Array,
    U32: Uint32Array,
    I32: Int32Array,
    I64: BigInt64Array,
  };
  const found = {};
  for (const [name, { dtype, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = data_offsets;
    const values = new types[dtype](read(8 + headerBytes + start, end - start));
    found[name] = dtype === "I64" ? Float64Array.from(values, Number) : values;
  }
  closeSync(file);
  return found;
}

function checkNumpy() {
  const program = `
import json, struct, sys
import numpy as np
folder, arrays = sys.argv[1], sys.argv[2]
out = {}
for side in ["train", "validation", "test"]:
    path = f"{folder}/{side}.safetensors"
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
    found = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        dtype = {"I32": "<i4", "U8": "u1"}[entry["dtype"]]
        array = np.memmap(path, dtype=dtype, mode="r", offset=8 + length + start, shape=tuple(entry["shape"]))
        found[name] = [*array.shape, int(array.sum(dtype="u8"))]
    ids = np.load(f"{arrays}/{side}.npy", mmap_mode="r")
    weights = np.load(f"{arrays}/{side}_loss_weights.npy")
    documents = np.load(f"{arrays}/{side}_documents.npy")
    found["npy"] = [int(ids.shape[0]), int(ids.sum(dtype="u8")), int(weights.sum(dtype="u8")), int(documents.shape[0]), int(documents.sum())]
    out[side] = found
print(json.dumps(out))
`;
  const windows = exported("context-target", "safetensors");
  const arrays = exported("causal", "npy");
  const read = JSON.parse(execFileSync("python3", ["-c", program, windows, arrays]).toString());
  for (const side of SIDES) {
    const { npy, contexts, targets, context_masks, target_masks } = read[side];
    const own = tensors(at("causal", `${side}.safetensors`));
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    compare(
      `npy ${side}, by numpy`,
      [
        own.tokens.length,
        sum(own.tokens),
        sum(own.loss_weight_percent),
        own.document_offsets.length,
        sum(own.document_offsets),
      ],
      npy,
    );
    const [rows, tokens, ids, , labels] = expectedRows("context-target", side);
    compare(`safetensors ${side}, windows by numpy`, Array(4).fill(rows), [
      contexts[0],
      targets[0],
      context_masks[0],
      target_masks[0],
    ]);
    compare(
      `safetensors ${side}, tokens and sums by numpy`,
      [tokens, ids, labels],
      [context_masks[2] + rows * targets[1], contexts[2] + targets[2], target_masks[2]],
    );
  }
}

async function checkText() {
  const { Tokenizer } = createRequire(at("x.js"))("@huggingface/tokenizers");
  const lines = exported("causal", "jsonl");
  const text = readFileSync(join(exported("causal", "text"), "test.txt"), "utf8");
  const tokenizer = new Tokenizer(
    JSON.parse(readFileSync(join(lines, "tokenizer.json"), "utf8")),
    {},
  );
  const { tokens, document_offsets: offsets } = tensors(at("causal", "test.safetensors"));
  const rows = readFileSync(join(lines, "test.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  compare("jsonl test, rows", offsets.length - 1, rows.length);
  let sameText = 0;
  let sameLine = 0;
  let sameIds = 0;
  let [sum, again] = [0, 0];
  const count = Math.min(DECODED, rows.length);
  for (let d = 0; d < count; d++) {
    const ids = Array.from(tokens.subarray(offsets[d], offsets[d + 1]));
    const decoded = tokenizer.decode(ids, {
      skip_special_tokens: false,
      clean_up_tokenization_spaces: false,
    });
    const { prompt, completion } = rows[d];
    if (text.includes(`${decoded}\n`)) sameText += 1;
    if (prompt + completion === decoded) sameLine += 1;
    const encoded = tokenizer.encode(prompt + completion, { add_special_tokens: false }).ids;
    sum += ids.reduce((total, id) => total + id, 0);
    again += encoded.reduce((total, id) => total + id, 0);
    if (encoded.join() === ids.join()) sameIds += 1;
  }
  compare("jsonl test, documents decoded alike by @huggingface/tokenizers", count, sameLine);
  compare("text test, documents decoded alike by @huggingface/tokenizers", count, sameText);
  console.log(
    `jsonl test, encoded again: ${sameIds} of ${count} documents give the same ids; sums ${sum} and ${again}`,
  );
}
