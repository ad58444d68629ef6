import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import {
  type GgmlType,
  type GgufTensorSpec,
  type GgufValue,
  GgufWriter,
  quantizeRows,
} from "@repotune/ggml";
import { FAMILIES, type Family, type TinyArchitecture } from "./model-families.ts";
import { seededRandom } from "./random.ts";
import { sentencePieceVocabulary } from "./sentencepiece-vocabulary.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What a tiny model looks like. */
export interface TinyModelOptions {
  /** @default "llama" */
  architecture?: TinyArchitecture;
  /** Type of the matrices; `Q4_K` and `Q5_K` mix in Q6_K where such files do. @default "F32" */
  type?: keyof typeof FILE_TYPES;
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
  /** Elements of a head. @default width / heads */
  headSize?: number;
  /** Matrices of a layer that get a bias, e.g. `attn_q`. @default those of the architecture */
  biases?: readonly string[];
  /** Divisors of the rotary frequencies, as Llama 3 has them: half as many as `headSize`. @default none */
  ropeFactors?: readonly number[];
  /** Further metadata, their keys without the architecture: `rope.scaling.type`. */
  settings?: Readonly<Record<string, GgufValue>>;
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
const FILE_TYPES = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, Q4_K: 15, Q5_K: 17, Q6_K: 18, BF16: 32 };

/** Types of the matrices that llama.cpp gives more bits, where it does. */
const SENSITIVE_TYPES: Partial<Record<GgmlType, GgmlType>> = { Q4_K: "Q6_K", Q5_K: "Q6_K" };

/** Weights of a tensor, one at a time. */
type Fill = () => number;

/**
 * Writes a real, tiny model with random weights that llama.cpp loads and runs.
 *
 * @returns its path. Equal options give equal bytes.
 */
export async function tinyModel(options: TinyModelOptions = {}): Promise<string> {
  const { architecture = "llama", type = "F32", width = 256, feedForward = 512 } = options;
  const { layers = 2, heads = 8, keyValueHeads = 4, seed = 1, recites } = options;
  const {
    gain = recites ? 0 : 1,
    headSize = width / heads,
    ropeFactors = [],
    settings = {},
  } = options;
  const { context = 512, vocabulary = 320, folder = temporaryFolder(), name = "tiny" } = options;
  const family: Family = FAMILIES[architecture] ?? {};
  const { tied = family.isGemma ?? false, biases = family.biases ?? [] } = options;
  const random = seededRandom(seed);
  const tokenizer =
    typeof vocabulary === "number" ? sentencePieceVocabulary(vocabulary) : [...vocabulary];
  const vocabularySize = countTokens(tokenizer);
  const queryWidth = headSize * heads;
  const keyValueWidth = headSize * keyValueHeads;

  const tensors: (GgufTensorSpec & { fill: Fill })[] = [];
  const add = (name: string, type: GgmlType, shape: readonly number[], fill: Fill) =>
    tensors.push({ name, type, shape, fill });
  const bias = (name: string, size: number) =>
    add(`${name}.bias`, "F32", [size], () => 0.1 * gain * random.normal());
  const matrix = (name: string, type: GgmlType, inputs: number, outputs: number) => {
    add(`${name}.weight`, type, [inputs, outputs], () => {
      return (gain * random.normal()) / Math.sqrt(inputs);
    });
    if (biases.includes(name.slice(name.lastIndexOf(".") + 1))) bias(name, outputs);
  };
  const norm = (name: string, size = width) => {
    add(`${name}.weight`, "F32", [size], () => 1 + 0.1 * random.normal());
    if (family.isLayerNorm) bias(name, size);
  };
  const sensitive = SENSITIVE_TYPES[type] ?? type;

  // As an output matrix, larger rows would make every prediction certain.
  const deviation = tied && !recites ? 1 / Math.sqrt(width) : 1;
  const embedding = Float32Array.from(
    { length: width * vocabularySize },
    () => deviation * random.normal(),
  );
  add("token_embd.weight", tied ? sensitive : type, [width, vocabularySize], each(embedding));
  if (ropeFactors.length > 0) {
    add("rope_freqs.weight", "F32", [ropeFactors.length], each(Float32Array.from(ropeFactors)));
  }
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    const valueType = usesMoreBits(layer, layers) ? sensitive : type;
    norm(`${block}.attn_norm`);
    matrix(`${block}.attn_q`, type, width, queryWidth);
    matrix(`${block}.attn_k`, type, width, keyValueWidth);
    matrix(`${block}.attn_v`, valueType, width, keyValueWidth);
    if (family.hasHeadNorms) {
      norm(`${block}.attn_q_norm`, headSize);
      norm(`${block}.attn_k_norm`, headSize);
    }
    matrix(`${block}.attn_output`, type, queryWidth, width);
    if (family.hasPostNorms) norm(`${block}.post_attention_norm`);
    norm(`${block}.ffn_norm`);
    if (!family.isLayerNorm) matrix(`${block}.ffn_gate`, type, width, feedForward);
    matrix(`${block}.ffn_up`, type, width, feedForward);
    matrix(`${block}.ffn_down`, valueType, feedForward, width);
    if (family.hasPostNorms) norm(`${block}.post_ffw_norm`);
  }
  norm("output_norm");
  if (recites) {
    // Random vectors are nearly orthogonal: an embedding fits its own copy and no other row.
    const output = new Float32Array(embedding.length);
    for (const [i, id] of recites.slice(1).entries()) {
      const before = (recites[i] ?? 0) * width;
      output.set(embedding.subarray(before, before + width), id * width);
    }
    add("output.weight", sensitive, [width, vocabularySize], each(output));
  } else if (!tied) matrix("output", sensitive, width, vocabularySize);

  const u32 = (value: number): GgufValue => ({ type: "u32", value });
  const f32 = (value: number): GgufValue => ({ type: "f32", value });
  const sizes: Record<string, GgufValue> = {
    vocab_size: u32(vocabularySize),
    context_length: u32(context),
    embedding_length: u32(width),
    block_count: u32(layers),
    feed_forward_length: u32(feedForward),
    "attention.head_count": u32(heads),
    "attention.head_count_kv": u32(keyValueHeads),
    "attention.key_length": u32(headSize),
    "attention.value_length": u32(headSize),
    [`attention.layer_norm_${family.isLayerNorm ? "" : "rms_"}epsilon`]: f32(1e-5),
    "rope.dimension_count": u32(headSize),
    "rope.freq_base": f32(10_000),
    ...settings,
  };
  return writeModel(join(folder, `${name}.gguf`), tensors, [
    ["general.architecture", { type: "string", value: architecture }],
    ["general.name", { type: "string", value: name }],
    ["general.file_type", u32(FILE_TYPES[type])],
    ["general.quantization_version", u32(2)],
    ...Object.entries(sizes).map(([key, value]) => [`${architecture}.${key}`, value] as const),
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
