#!/bin/sh
# Builds llama-quantize and llama-gguf-split from the source that node-llama-cpp ships, and compares
# what they write with what @repotune/ggml writes and reads: quantised files must be equal byte for
# byte, parts must read as the whole. Needs git, cmake, a C++ compiler and `npm run build` before.
#
#   bench/llama-tools.sh [BUILD_FOLDER]    an existing build is used again
set -eu
cd "$(dirname "$0")/.."
build=${1:-${TMPDIR:-/tmp}/llama-tools}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -x "$build/bin/llama-gguf-split" ]; then
  bundle=$(node -p 'require("path").join(path.dirname(require.resolve("node-llama-cpp/package.json")), "llama/gitRelease.bundle")')
  git clone -q "$bundle" "$work/llama.cpp"
  cmake -S "$work/llama.cpp" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=OFF \
    -DLLAMA_CURL=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF
  cmake --build "$build" --target llama-quantize llama-gguf-split -j2
fi

BUILD=$build WORK=$work exec node --input-type=module - <<'SCRIPT'
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GgufFile, GgufWriter, QUANTIZATION_RECIPES, quantizeFile, quantizeRows } from "./dist/index.js";

const { BUILD, WORK } = process.env;
const at = (name) => join(WORK, name);
const run = (tool, ...args) =>
  execFileSync(join(BUILD, "bin", tool), args, { stdio: ["ignore", "ignore", "pipe"] });

/** A llama with arbitrary weights. */
async function writeModel(path, { width, feedForward, isTied, type }) {
  const blocks = [0, 1, 2, 3].flatMap((layer) =>
    ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down", "attn_norm", "ffn_norm"].map(
      (name) => ({
        name: `blk.${layer}.${name}.weight`,
        ...(name.endsWith("norm")
          ? { type: "F32", shape: [width] }
          : { type, shape: name === "ffn_down" ? [feedForward, width] : [width, name.startsWith("ffn") ? feedForward : width] }),
      }),
    ),
  );
  const table = (name) => ({ name, type, shape: [width, 320] });
  const tensors = [table("token_embd.weight"), ...blocks, { name: "output_norm.weight", type: "F32", shape: [width] }];
  if (!isTied) tensors.push(table("output.weight"));
  const number = (key, value, kind = "u32") => [`llama.${key}`, { type: kind, value }];
  const metadata = [
    ["general.architecture", { type: "string", value: "llama" }],
    number("vocab_size", 320),
    number("context_length", 128),
    number("embedding_length", width),
    number("block_count", 4),
    number("feed_forward_length", feedForward),
    number("attention.head_count", 4),
    number("attention.layer_norm_rms_epsilon", 1e-5, "f32"),
  ];
  const writer = await GgufWriter.create(path, metadata, tensors);
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  for (const { name, type, shape } of tensors) {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, next);
    await writer.write(name, quantizeRows(type, values, values.length / shape[0], shape[0]));
  }
  await writer.commit();
}

let [equal, read] = [0, 0];
for (const [index, model] of [
  { width: 256, feedForward: 512, isTied: false, type: "F32" },
  { width: 256, feedForward: 512, isTied: true, type: "BF16" },
  { width: 96, feedForward: 160, isTied: true, type: "F16" },
].entries()) {
  const source = at(`${index}.gguf`);
  await writeModel(source, model);
  for (const recipe of Object.keys(QUANTIZATION_RECIPES)) {
    const [ours, theirs] = [at("ours.gguf"), at("theirs.gguf")];
    await quantizeFile(source, ours, recipe);
    run("llama-quantize", source, theirs, recipe, "1");
    if (!readFileSync(ours).equals(readFileSync(theirs))) throw new Error(`${recipe} of ${index} differs.`);
    equal += 1;
    const parts = at(`${index}-${recipe}-parts`);
    run("llama-gguf-split", "--split", "--split-max-tensors", "15", theirs, parts);
    const [whole, split] = [await GgufFile.open(theirs), await GgufFile.open(`${parts}-00002-of-00003.gguf`)];
    if (split.tensors.size !== whole.tensors.size) throw new Error("Tensors are missing.");
    if (String([...split.metadata.keys()]) !== String([...whole.metadata.keys()])) throw new Error("Metadata differ.");
    for (const { name } of whole.tensors.values()) {
      if (Buffer.compare(await whole.read(name), await split.read(name)) !== 0) throw new Error(`${name} differs.`);
    }
    read += split.paths.length;
    await whole.close();
    await split.close();
  }
}
console.log(`${equal} files equal those of llama-quantize; ${read} parts of llama-gguf-split read as the whole.`);
SCRIPT
