import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import {
  type GgmlType,
  type GgufTensorSpec,
  type GgufValue,
  GgufWriter,
  quantizeRows,
} from "@repotune/ggml";
import { seededRandom } from "./random.ts";
import { sentencePieceVocabulary } from "./sentencepiece-vocabulary.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What a tiny model looks like. */
export interface TinyModelOptions {
  /** `qwen2` adds biases to queries, keys and values. @default "llama" */
  architecture?: "llama" | "qwen2";
  /** Type of the matrices; `Q4_K` mixes in Q6_K where a Q4_K_M file does. @default "F32" */
  type?: "F32" | "F16" | "Q8_0" | "Q4_K";
  /** Length of an embedding; a multiple of 256 for K-quants. @default 256 */
  width?: number;
  /** @default 512 */
  feedForward?: number;
  /** @default 2 */
  layers?: number;
  /** @default 8 */
  heads?: number;
  /** @default 4 */
  keyValueHeads?: number;
  /** Length of context that the metadata claims. @default 512 */
  context?: number;
  /** Whether the output matrix is the embedding. @default false */
  tied?: boolean;
  /** Factor on all matrices; small ones give flat predictions. @default 1 */
  gain?: number;
  /** @default 1 */
  seed?: number;
  /** `tokenizer.ggml.*` entries, or the size of a SentencePiece-style vocabulary. @default 320 */
  vocabulary?: number | Iterable<readonly [string, GgufValue]>;
  /**
   * Ids that the model gives one after the other, each after the one before it; they must differ.
   * The layers then do nothing.
   */
  recites?: readonly number[];
  /** Where to write; otherwise into a folder that goes with the test. */
  folder?: string;
  /** File name without its extension. @default "tiny" */
  name?: string;
}

/** `enum llama_ftype` of llama.h. */
const FILE_TYPES = { F32: 0, F16: 1, Q8_0: 7, Q4_K: 15 };

/** Weights of a tensor, one at a time. */
type Fill = () => number;

/**
 * Writes a real, tiny model with random weights that llama.cpp loads and runs.
 *
 * @returns its path. Equal options give equal bytes.
 */
export async function tinyModel(options: TinyModelOptions = {}): Promise<string> {
  const { architecture = "llama", type = "F32", width = 256, feedForward = 512 } = options;
  const { layers = 2, heads = 8, keyValueHeads = 4, tied = false, seed = 1, recites } = options;
  const { gain = recites ? 0 : 1 } = options;
  const { context = 512, vocabulary = 320, folder = temporaryFolder(), name = "tiny" } = options;
  const random = seededRandom(seed);
  const tokenizer =
    typeof vocabulary === "number" ? sentencePieceVocabulary(vocabulary) : [...vocabulary];
  const vocabularySize = countTokens(tokenizer);
  const keyValueWidth = (width / heads) * keyValueHeads;

  const tensors: (GgufTensorSpec & { fill: Fill })[] = [];
  const add = (name: string, type: GgmlType, shape: number[], fill: Fill) =>
    tensors.push({ name, type, shape, fill });
  const matrix = (name: string, type: GgmlType, inputs: number, outputs: number) =>
    add(name, type, [inputs, outputs], () => (gain * random.normal()) / Math.sqrt(inputs));
  const norm = (name: string) => add(name, "F32", [width], () => 1 + 0.1 * random.normal());
  const bias = (name: string, size: number) =>
    add(name, "F32", [size], () => 0.1 * random.normal());
  const sensitive = type === "Q4_K" ? "Q6_K" : type;

  const embedding = Float32Array.from({ length: width * vocabularySize }, random.normal);
  add("token_embd.weight", tied ? sensitive : type, [width, vocabularySize], each(embedding));
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    const valueType = usesMoreBits(layer, layers) ? sensitive : type;
    norm(`${block}.attn_norm.weight`);
    matrix(`${block}.attn_q.weight`, type, width, width);
    matrix(`${block}.attn_k.weight`, type, width, keyValueWidth);
    matrix(`${block}.attn_v.weight`, valueType, width, keyValueWidth);
    matrix(`${block}.attn_output.weight`, type, width, width);
    if (architecture === "qwen2") {
      bias(`${block}.attn_q.bias`, width);
      bias(`${block}.attn_k.bias`, keyValueWidth);
      bias(`${block}.attn_v.bias`, keyValueWidth);
    }
    norm(`${block}.ffn_norm.weight`);
    matrix(`${block}.ffn_gate.weight`, type, width, feedForward);
    matrix(`${block}.ffn_up.weight`, type, width, feedForward);
    matrix(`${block}.ffn_down.weight`, valueType, feedForward, width);
  }
  norm("output_norm.weight");
  if (recites) {
    // Random vectors are nearly orthogonal: an embedding fits its own copy and no other row.
    const output = new Float32Array(embedding.length);
    for (const [i, id] of recites.slice(1).entries()) {
      const before = (recites[i] ?? 0) * width;
      output.set(embedding.subarray(before, before + width), id * width);
    }
    add("output.weight", sensitive, [width, vocabularySize], each(output));
  } else if (!tied) matrix("output.weight", sensitive, width, vocabularySize);

  const u32 = (key: string, value: number): [string, GgufValue] => [key, { type: "u32", value }];
  return writeModel(join(folder, `${name}.gguf`), tensors, [
    ["general.architecture", { type: "string", value: architecture }],
    ["general.name", { type: "string", value: name }],
    u32("general.file_type", FILE_TYPES[type]),
    u32("general.quantization_version", 2),
    u32(`${architecture}.vocab_size`, vocabularySize),
    u32(`${architecture}.context_length`, context),
    u32(`${architecture}.embedding_length`, width),
    u32(`${architecture}.block_count`, layers),
    u32(`${architecture}.feed_forward_length`, feedForward),
    u32(`${architecture}.attention.head_count`, heads),
    u32(`${architecture}.attention.head_count_kv`, keyValueHeads),
    u32(`${architecture}.rope.dimension_count`, width / heads),
    [`${architecture}.rope.freq_base`, { type: "f32", value: 10_000 }],
    [`${architecture}.attention.layer_norm_rms_epsilon`, { type: "f32", value: 1e-5 }],
    ...tokenizer,
  ]);
}

/** Writes a well-formed model file of an architecture that nothing here handles. */
export function unsupportedModel(folder = temporaryFolder()): Promise<string> {
  const { normal } = seededRandom(1);
  return writeModel(
    join(folder, "bert.gguf"),
    [{ name: "token_embd.weight", type: "F32", shape: [32, 320], fill: normal }],
    [
      ["general.architecture", { type: "string", value: "bert" }],
      ["bert.block_count", { type: "u32", value: 1 }],
      ["bert.context_length", { type: "u32", value: 512 }],
      ["bert.embedding_length", { type: "u32", value: 32 }],
      ...sentencePieceVocabulary(320),
    ],
  );
}

/** Writes a {@link tinyModel} of which only the first 60% are there: the header and some tensors. */
export async function truncatedModel(options: TinyModelOptions = {}): Promise<string> {
  const path = await tinyModel({ name: "truncated", ...options });
  truncateSync(path, Math.floor(statSync(path).size * 0.6));
  return path;
}

async function writeModel(
  path: string,
  tensors: readonly (GgufTensorSpec & { fill: Fill })[],
  metadata: readonly (readonly [string, GgufValue])[],
): Promise<string> {
  const writer = await GgufWriter.create(path, metadata, tensors);
  for (const { name, type, shape, fill } of tensors) {
    const [columns = 1, rows = 1] = shape;
    const values = Float32Array.from({ length: rows * columns }, fill);
    await writer.write(name, type === "F32" ? values : quantizeRows(type, values, rows, columns));
  }
  await writer.commit();
  return path;
}

/** Gives the elements of `values` one by one. */
function each(values: Float32Array): Fill {
  let next = 0;
  return () => values[next++] ?? 0;
}

/** llama.cpp's choice of the layers whose sensitive matrices get more bits in Q4_K_M. */
const usesMoreBits = (layer: number, layers: number) =>
  layer < Math.floor(layers / 8) ||
  layer >= Math.floor((7 * layers) / 8) ||
  (layer - Math.floor(layers / 8)) % 3 === 2;

function countTokens(tokenizer: readonly (readonly [string, GgufValue])[]): number {
  const entry = tokenizer.find(([key]) => key === "tokenizer.ggml.tokens")?.[1];
  if (entry?.type === "array") return entry.value.length;
  throw new TypeError("The vocabulary has no array tokenizer.ggml.tokens.");
}
