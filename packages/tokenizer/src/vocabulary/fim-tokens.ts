import { StageError } from "@repotune/schema";

/**
 * How text with a hole is laid out for a model to fill it in (https://arxiv.org/abs/2207.14255):
 *
 * - `PSM`: mark of the prefix, prefix, mark of the suffix, suffix, mark of the middle, middle.
 * - `SPM`: mark of the prefix, mark of the suffix, suffix, mark of the middle, prefix, middle.
 * - `SP`: mark of the suffix, suffix, mark of the prefix, prefix, middle.
 */
export type FimLayout = "PSM" | "SPM" | "SP";

/** The ids that mark the parts of a text with a hole. */
export interface FimTokens {
  prefix: number;
  suffix: number;
  /** Null for `SP`, which needs none. */
  middle: number | null;
  /** The layouts that the model has learned. */
  layouts: readonly FimLayout[];
}

interface Convention {
  prefix: string;
  suffix: string;
  middle: string | null;
  layouts: readonly FimLayout[];
}

/** What published models, and vocabularies trained on a repository, do. */
const conventions: readonly Convention[] = [
  // Trained on a repository.
  convention("<FIM_PREFIX>", "<FIM_SUFFIX>", "<FIM_MIDDLE>", ["PSM", "SPM"]),
  // Qwen2.5-Coder, CodeGemma.
  convention("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", ["PSM"]),
  // StarCoder, StarCoder 2, Granite; SantaCoder with hyphens.
  convention("<fim_prefix>", "<fim_suffix>", "<fim_middle>", ["PSM", "SPM"]),
  convention("<fim-prefix>", "<fim-suffix>", "<fim-middle>", ["PSM", "SPM"]),
  // DeepSeek-Coder: the hole stands where the suffix follows, its end where the middle follows.
  convention("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", ["PSM"]),
  // CodeLlama.
  convention("▁<PRE>", "▁<SUF>", "▁<MID>", ["PSM", "SPM"]),
  // Codestral.
  convention("[PREFIX]", "[SUFFIX]", null, ["SP"]),
];

function convention(
  prefix: string,
  suffix: string,
  middle: string | null,
  layouts: readonly FimLayout[],
): Convention {
  return { prefix, suffix, middle, layouts };
}

/** Ids that a GGUF names itself, `tokenizer.ggml.fim_pre_token_id` and so on. */
export interface NamedFimTokens {
  prefix?: number | undefined;
  suffix?: number | undefined;
  middle?: number | undefined;
}

/**
 * A vocabulary's tokens for filling in, found by their strings or else as its file names them.
 *
 * @param specialIds ids of its special tokens: a token that text may consist of marks nothing.
 */
export function findFimTokens(
  specialIds: ReadonlyMap<string, number>,
  named: NamedFimTokens = {},
): FimTokens | undefined {
  for (const { prefix, suffix, middle, layouts } of conventions) {
    const prefixId = specialIds.get(prefix);
    const suffixId = specialIds.get(suffix);
    const middleId = middle === null ? null : specialIds.get(middle);
    if (prefixId === undefined || suffixId === undefined || middleId === undefined) continue;
    return { prefix: prefixId, suffix: suffixId, middle: middleId, layouts };
  }
  const { prefix, suffix, middle } = named;
  const special = new Set(specialIds.values());
  const isSpecial = (id: number | undefined): id is number => id !== undefined && special.has(id);
  if (!isSpecial(prefix) || !isSpecial(suffix) || !isSpecial(middle)) return undefined;
  return { prefix, suffix, middle, layouts: ["PSM"] };
}

/**
 * The layouts that a model can be trained on.
 *
 * @throws {StageError} `E_UNSUPPORTED` if its vocabulary has no tokens for filling in.
 */
export function requireFimLayouts(fim: FimTokens | undefined): readonly FimLayout[] {
  if (fim) return fim.layouts;
  throw new StageError(
    "E_UNSUPPORTED",
    "The vocabulary has no tokens that mark prefix, suffix and middle (FIM).",
    {
      hint: "Leave out --fim-rate, or choose a base that has learned to fill in, such as a coder.",
    },
  );
}
