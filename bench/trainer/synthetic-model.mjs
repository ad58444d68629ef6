// Model files of real shapes without real weights: random ones, or none at all.
import { existsSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTrainer } from "./load-trainer.mjs";

/**
 * @typedef {object} Shape
 * @property {"llama" | "qwen2" | "qwen3"} architecture
 * @property {number} width
 * @property {number} feedForward
 * @property {number} layers
 * @property {number} heads
 * @property {number} keyValueHeads
 * @property {number} vocabulary
 * @property {number} context
 */

/**
 * Shapes by name. The small ones have a real model's proportions and widths that K-quants allow; the
 * large ones are those of config.json of TinyLlama/TinyLlama_v1.1, meta-llama/Llama-2-7b and
 * Qwen/Qwen2.5-7B.
 *
 * @type {Record<string, Shape>}
 */
export const SHAPES = {
  tiny: shape("llama", 256, 512, 2, 4, 2, 512, 2048),
  "10M": shape("llama", 256, 768, 8, 4, 2, 8192, 4096),
  "30M": shape("llama", 512, 1280, 8, 8, 4, 8192, 4096),
  "110M": shape("llama", 768, 2048, 15, 12, 6, 8192, 4096),
  "TinyLlama-1.1B": shape("llama", 2048, 5632, 22, 32, 4, 32_000, 2048),
  "llama-2-7B": shape("llama", 4096, 11008, 32, 32, 32, 32_000, 4096),
  "qwen2.5-7B": shape("qwen2", 3584, 18_944, 28, 28, 4, 152_064, 32_768),
};

function shape(
  architecture,
  width,
  feedForward,
  layers,
  heads,
  keyValueHeads,
  vocabulary,
  context,
) {
  return { architecture, width, feedForward, layers, heads, keyValueHeads, vocabulary, context };
}

/** Types of matrices by kind of file; `more` is what llama.cpp gives the sensitive ones. */
const FILES = {
  F32: { id: 0, type: "F32", more: "F32" },
  F16: { id: 1, type: "F16", more: "F16" },
  Q8_0: { id: 7, type: "Q8_0", more: "Q8_0" },
  Q4_K_M: { id: 15, type: "Q4_K", more: "Q6_K" },
};

const ALIGNMENT = 32;
/** Random numbers are drawn for so many elements and then repeated. */
const DRAWN_ELEMENTS = 1 << 20;

/**
 * Where a model of a shape and a kind of file lies; written if it is not there yet.
 *
 * @param {string} name of a shape.
 * @param {keyof typeof FILES} kind
 * @param {object} [options]
 * @param {boolean} [options.isSparse] leaves the weights out: they read as zeros and take no disk.
 * @param {string} [options.folder]
 * @returns {Promise<string>} its path.
 */
export async function syntheticModel(name, kind, { isSparse = false, folder } = {}) {
  const root = folder ?? join(tmpdir(), "repotune-bench");
  const path = join(root, `${name}-${kind}${isSparse ? "-sparse" : ""}.gguf`);
  if (existsSync(path)) return path;
  await mkdir(root, { recursive: true });
  const { GGML_TYPES, quantizeRows, Random, tensorBytes } = await loadTrainer();
  const model = SHAPES[name];
  let offset = 0;
  const tensors = tensorsOf(model, FILES[kind]).map((tensor) => {
    const placed = { ...tensor, bytes: tensorBytes(tensor.type, tensor.shape), offset };
    offset = Math.ceil((offset + placed.bytes) / ALIGNMENT) * ALIGNMENT;
    return placed;
  });
  const metadata = metadataOf(name, model, FILES[kind].id);
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(metadata.length),
    ...metadata.flat(),
    ...tensors.flatMap(({ name, type, shape, offset }) => [
      string(name),
      u32(shape.length),
      ...shape.map(u64),
      u32(GGML_TYPES[type].id),
      u64(offset),
    ]),
  ]);
  const begin = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  const file = await open(`${path}.tmp`, "w");
  await file.write(header, 0, header.length, 0);
  await file.truncate(begin + offset);
  if (!isSparse) {
    const random = new Random(1);
    const drawn = Float32Array.from({ length: DRAWN_ELEMENTS }, () => random.normal());
    for (const { name, type, shape, offset } of tensors) {
      const [columns, rows = 1] = shape;
      const isNorm = name.endsWith("norm.weight");
      const some = Math.min(rows, Math.floor(DRAWN_ELEMENTS / columns));
      const scale = shape.length === 1 ? 0.1 : 1 / Math.sqrt(columns);
      const values = drawn
        .subarray(0, some * columns)
        .map((value) => (isNorm ? 1 : 0) + scale * value);
      const bytes = quantizeRows(type, values, some, columns);
      for (let row = 0; row < rows; row += some) {
        const rowBytes = bytes.length / some;
        const length = Math.min(some, rows - row) * rowBytes;
        await file.write(bytes, 0, length, begin + offset + row * rowBytes);
      }
    }
  }
  await file.close();
  await rename(`${path}.tmp`, path);
  return path;
}

/** Weights in a model. */
export const weightCount = (model) =>
  tensorsOf(model, FILES.F32).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);

function tensorsOf(model, { type, more }) {
  const { architecture, width: d, feedForward: ff, layers, heads, keyValueHeads } = model;
  const kv = (d / heads) * keyValueHeads;
  const vector = (name, size) => ({ name, type: "F32", shape: [size] });
  const matrix = (name, ins, outs, as = type) => ({ name, type: as, shape: [ins, outs] });
  const headNorms = architecture === "qwen3" ? ["attn_q_norm", "attn_k_norm"] : [];
  const layer = (i) => {
    const sensitive = usesMoreBits(i, layers) ? more : type;
    const name = (part) => `blk.${i}.${part}`;
    const biases = architecture === "qwen2" ? { attn_q: d, attn_k: kv, attn_v: kv } : {};
    return [
      vector(name("attn_norm.weight"), d),
      ...headNorms.map((part) => vector(name(`${part}.weight`), d / heads)),
      matrix(name("attn_q.weight"), d, d),
      matrix(name("attn_k.weight"), d, kv),
      matrix(name("attn_v.weight"), d, kv, sensitive),
      ...Object.entries(biases).map(([part, size]) => vector(name(`${part}.bias`), size)),
      matrix(name("attn_output.weight"), d, d),
      vector(name("ffn_norm.weight"), d),
      matrix(name("ffn_gate.weight"), d, ff),
      matrix(name("ffn_up.weight"), d, ff),
      matrix(name("ffn_down.weight"), ff, d, sensitive),
    ];
  };
  return [
    matrix("token_embd.weight", d, model.vocabulary),
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    vector("output_norm.weight", d),
    matrix("output.weight", d, model.vocabulary, more),
  ];
}

/** Layers whose sensitive matrices get more bits in a Q4_K_M file (llama.cpp's llama-quant.cpp). */
const usesMoreBits = (layer, layers) =>
  layer < Math.floor(layers / 8) ||
  layer >= Math.floor((7 * layers) / 8) ||
  (layer - Math.floor(layers / 8)) % 3 === 2;

function metadataOf(name, model, fileType) {
  const { architecture, width, heads, vocabulary } = model;
  const key = (text) => `${architecture}.${text}`;
  const number = (text, value) => [string(text), u32(4), u32(value)];
  const float = (text, value) => [string(text), u32(6), f32(value)];
  const bool = (text, value) => [string(text), u32(7), Buffer.of(value ? 1 : 0)];
  const text = (text, value) => [string(text), u32(8), string(value)];
  const array = (text, type, values) => [
    string(text),
    u32(9),
    u32(type),
    u64(values.length),
    ...values,
  ];
  // The vocabulary of SentencePiece: unknown, begin, end, the 256 bytes, and made-up words.
  const tokens = Array.from({ length: vocabulary }, (_, id) =>
    id < 3 ? ["<unk>", "<s>", "</s>"][id] : id < 259 ? `<0x${hex(id - 3)}>` : `▁w${id}`,
  );
  const types = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1));
  return [
    text("general.architecture", architecture),
    text("general.name", name),
    number("general.file_type", fileType),
    number("general.quantization_version", 2),
    number(key("vocab_size"), vocabulary),
    number(key("context_length"), model.context),
    number(key("embedding_length"), width),
    number(key("block_count"), model.layers),
    number(key("feed_forward_length"), model.feedForward),
    number(key("attention.head_count"), heads),
    number(key("attention.head_count_kv"), model.keyValueHeads),
    number(key("rope.dimension_count"), width / heads),
    float(key("rope.freq_base"), architecture === "llama" ? 1e4 : 1e6),
    float(key("attention.layer_norm_rms_epsilon"), 1e-5),
    text("tokenizer.ggml.model", "llama"),
    array("tokenizer.ggml.tokens", 8, tokens.map(string)),
    array(
      "tokenizer.ggml.scores",
      6,
      tokens.map((_, id) => f32(-id)),
    ),
    array("tokenizer.ggml.token_type", 5, types.map(u32)),
    number("tokenizer.ggml.bos_token_id", 1),
    number("tokenizer.ggml.eos_token_id", 2),
    number("tokenizer.ggml.unknown_token_id", 0),
    bool("tokenizer.ggml.add_bos_token", false),
  ].map((parts) => Buffer.concat(parts));
}

const hex = (byte) => byte.toString(16).toUpperCase().padStart(2, "0");

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function f32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function string(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([u64(bytes.length), bytes]);
}
