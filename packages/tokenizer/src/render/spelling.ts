import { plainSpelling } from "./plain-spelling.ts";
import { type Mark, STRUCTURE_TOKENS, type StructureToken } from "./structure.ts";

/**
 * Special tokens of published code models that mean what a mark means: those of Qwen2.5-Coder,
 * StarCoder 2 and Granite (https://arxiv.org/abs/2409.12186, https://arxiv.org/abs/2402.19173).
 */
const baseTokens: Partial<Record<Mark, readonly string[]>> = {
  "<REPOSITORY_START>": ["<|repo_name|>", "<repo_name>", "<reponame>"],
  "<FILE_START>": ["<|file_sep|>", "<file_sep>", "<filename>"],
};

/** How structure is spelled for one vocabulary. */
export interface Spelling {
  /** `tokens` if all structure has tokens of its own, as in a vocabulary trained on a repository. */
  kind: "tokens" | "plain";
  /** The special token that a structural token is, or undefined where it is plain text. */
  tokenOf(token: StructureToken): string | undefined;
}

/**
 * How a vocabulary spells structure: by tokens of its own, if it has them all; or else by those few
 * that code models share, and plain text.
 *
 * @param specialTokens the vocabulary's special tokens; other tokens are text.
 */
export function spellingFor(specialTokens: { has(token: string): boolean }): Spelling {
  if (STRUCTURE_TOKENS.every((token) => specialTokens.has(token))) {
    return { kind: "tokens", tokenOf: (token) => token };
  }
  return {
    kind: "plain",
    tokenOf: (token) => baseTokens[token as Mark]?.find((name) => specialTokens.has(name)),
  };
}

/** A structural token as text, in which a tokenizer that parses special tokens finds it. */
export const spelled = ({ tokenOf }: Spelling, token: StructureToken, fence?: string): string =>
  tokenOf(token) ?? plainSpelling(token, fence);
