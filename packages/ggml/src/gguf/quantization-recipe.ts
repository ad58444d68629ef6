import { StageError } from "@repotune/schema";
import { GGML_TYPES, type GgmlType, isQuantized } from "../types.ts";
import type { GgufMetadata } from "./metadata.ts";
import type { GgufTensorSpec } from "./writer.ts";

/**
 * Ways to quantise a model, by the names that llama.cpp's files carry: the type of most matrices, and
 * the number in `enum llama_ftype` (llama.h). `_M` is a mixture that gives some matrices more bits.
 */
export const QUANTIZATION_RECIPES = {
  F32: { type: "F32", fileType: 0 },
  F16: { type: "F16", fileType: 1 },
  BF16: { type: "BF16", fileType: 32 },
  Q8_0: { type: "Q8_0", fileType: 7 },
  Q4_0: { type: "Q4_0", fileType: 2 },
  Q4_K_M: { type: "Q4_K", fileType: 15 },
  Q5_K_M: { type: "Q5_K", fileType: 17 },
  Q6_K: { type: "Q6_K", fileType: 18 },
} as const satisfies Record<string, { type: GgmlType; fileType: number }>;

/** Name of a way to quantise a model, e.g. `"Q4_K_M"`. */
export type QuantizationRecipe = keyof typeof QUANTIZATION_RECIPES;

/** Matrices that keep their type, being small or sensitive: parts of their names. */
const KEPT = new RegExp(
  [
    "_norm\\.weight",
    "^position_embd\\.weight$|^token_types\\.weight$",
    "ffn_gate_inp\\.weight|ffn_gate_tid2eid\\.weight", // which expert to ask
    "altup|laurel|per_layer_model_proj", // gemma 3n
    "ssm_conv1d|shortconv\\.conv\\.weight",
    "indexer\\.[kq]_proj\\.weight",
    "time_mix_(first|[wva][012]|g[12]|decay_w[12]|lerp_fused)\\.weight", // RWKV
    "attn_rel_b\\.weight",
    "\\.position_embd|sam\\.(pos_embd|neck\\.|net_)|\\.rel_pos|\\.patch_(embd|merger)", // images
    "a\\.rvq\\.codebook|mm\\.a\\.code_embd", // sound
  ].join("|"),
);

/** Which types take the place of one whose blocks are longer than the rows allow. */
const FALLBACKS: Partial<Record<GgmlType, GgmlType>> = { Q4_K: "Q5_0", Q5_K: "Q5_1", Q6_K: "Q8_0" };

/** Architectures of which a model with so many layers counts as one of 70 billion parameters. */
const LAYERS_OF_70B: Record<string, number> = {
  llama: 80,
  qwen2: 80,
  deci: 80,
  olmo: 80,
  jais2: 68,
};

/**
 * The tensors that quantising a model gives, in the order of the file that `llama-quantize` writes: by
 * layer, then by name.
 *
 * The choice of types follows `llama_tensor_get_type` (llama-quant.cpp of the llama.cpp release that
 * these bindings are for), without an importance matrix: more bits for what the output depends on most
 * (the output matrix, values, and the second matrix of feed-forward blocks in some layers), other types
 * where rows do not hold whole blocks, nothing but a copy for vectors and small matrices.
 *
 * @throws {StageError} `E_USAGE` for an unknown recipe, `E_INPUT` for metadata without an architecture.
 */
export function quantizedTensors<T extends GgufTensorSpec>(
  recipe: QuantizationRecipe,
  metadata: GgufMetadata,
  tensors: Iterable<T>,
): { source: T; type: GgmlType }[] {
  if (!(recipe in QUANTIZATION_RECIPES)) {
    throw new StageError("E_USAGE", `There is no quantisation "${recipe}".`, {
      hint: `Known are ${Object.keys(QUANTIZATION_RECIPES).join(", ")}.`,
    });
  }
  const { type } = QUANTIZATION_RECIPES[recipe];
  const sorted = [...tensors].sort(byLayerAndName);
  if (!isQuantized(type)) {
    return sorted.map((source) => ({ source, type: isChanged(source) ? type : source.type }));
  }
  const mixture = new Mixture(recipe, metadata, sorted);
  return sorted.map((source) => ({
    source,
    type: isChanged(source) ? fitting(mixture.typeOf(source), source) : source.type,
  }));
}

const layerOf = ({ name }: GgufTensorSpec): number => Number(/^blk\.(\d+)/.exec(name)?.[1] ?? -1);

function byLayerAndName(a: GgufTensorSpec, b: GgufTensorSpec): number {
  if (layerOf(a) !== layerOf(b)) return layerOf(a) - layerOf(b);
  return a.name < b.name ? -1 : 1;
}

/** Whether a tensor gets another type at all. */
const isChanged = ({ name, shape }: GgufTensorSpec): boolean =>
  shape.slice(1).some((n) => n > 1) && name.endsWith("weight") && !KEPT.test(name);

/** `type`, or one with shorter blocks that fits the tensor's rows. */
function fitting(type: GgmlType, { shape: [columns = 1] }: GgufTensorSpec): GgmlType {
  const isFit = (candidate: GgmlType) => columns % GGML_TYPES[candidate].blockSize === 0;
  return [type, FALLBACKS[type] ?? type].find(isFit) ?? "F16";
}

/** Chooses the quantised types of a model's tensors, which must be asked for in their order. */
class Mixture {
  readonly #type: GgmlType;
  readonly #isMixed: boolean;
  readonly #architecture: string;
  readonly #layers: number;
  readonly #experts: number;
  readonly #is70B: boolean;
  readonly #isTied: boolean;
  readonly #values: number;
  #value = 0;
  #down = 0;

  constructor(
    recipe: QuantizationRecipe,
    metadata: GgufMetadata,
    tensors: readonly GgufTensorSpec[],
  ) {
    this.#type = QUANTIZATION_RECIPES[recipe].type;
    this.#isMixed = recipe.endsWith("_M");
    this.#architecture = metadata.string("general.architecture");
    this.#layers = metadata.count(`${this.#architecture}.block_count`);
    this.#experts = metadata.count(`${this.#architecture}.expert_count`, 0);
    this.#is70B = is70B(this.#architecture, this.#layers, this.#experts, metadata);
    this.#isTied = tensors.every(({ name }) => name !== "output.weight");
    this.#values = tensors.filter(({ name }) => isValue(name)).length;
  }

  typeOf(tensor: GgufTensorSpec): GgmlType {
    const { name } = tensor;
    const isFalcon = this.#architecture === "falcon";
    if (name === "output.weight") return this.#outputType(tensor);
    if (name === "token_embd.weight" || name === "per_layer_token_embd.weight") {
      return this.#isTied ? this.#outputType(tensor) : this.#type;
    }
    if (isValue(name)) return this.#valueType();
    if (name.includes("attn_k.weight")) return this.#experts === 8 ? "Q8_0" : this.#type;
    if (name.includes("attn_output.weight")) {
      return this.#experts === 8 && !isFalcon && this.#type === "Q4_K" ? "Q5_K" : this.#type;
    }
    return name.includes("ffn_down") ? this.#downType(tensor, isFalcon) : this.#type;
  }

  #outputType({ shape: [columns = 1] }: GgufTensorSpec): GgmlType {
    const isWhole = columns % GGML_TYPES[this.#type].blockSize === 0;
    if (this.#architecture === "falcon" || !isWhole) return "Q8_0";
    return this.#type === "Q8_0" ? "Q8_0" : "Q6_K";
  }

  #valueType(): GgmlType {
    const index = this.#value++;
    if (this.#experts === 8) return "Q8_0";
    if (this.#isMixed && getsMoreBits(index, this.#values)) return "Q6_K";
    return this.#is70B && this.#type === "Q4_K" ? "Q5_K" : this.#type;
  }

  #downType(tensor: GgufTensorSpec, isFalcon: boolean): GgmlType {
    const counted = this.#down++;
    if (!this.#isMixed) return this.#type;
    // Matrices of experts do not stand one a layer.
    const layer = this.#experts > 1 ? layerOf(tensor) : counted;
    if (isFalcon && this.#type === "Q4_K") {
      if (layer < Math.trunc(this.#layers / 16)) return "Q6_K";
      return getsMoreBits(layer, this.#layers) ? "Q5_K" : "Q4_K";
    }
    return getsMoreBits(layer, this.#layers) ? "Q6_K" : this.#type;
  }
}

const isValue = (name: string): boolean => /attn_(v|qkv|kv_b)\.weight/.test(name);

/** The first and last eighth of the layers, and every third between. */
function getsMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.trunc(layers / 8);
  return layer < eighth || layer >= Math.trunc((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** Eight heads share the values of a model of 70 billion parameters: they deserve more bits. */
function is70B(
  architecture: string,
  layers: number,
  experts: number,
  metadata: GgufMetadata,
): boolean {
  if (LAYERS_OF_70B[architecture] !== layers) return false;
  if (architecture !== "llama") return true;
  const heads = metadata.count("llama.attention.head_count");
  return experts !== 8 && metadata.count("llama.attention.head_count_kv", heads) !== heads;
}
