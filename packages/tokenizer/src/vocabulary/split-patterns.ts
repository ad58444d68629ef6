import { PRE_TOKENIZERS } from "@repotune/schema";

/** The parts of a `pre_tokenizer` that are read here. */
interface PreTokenizerJson {
  type?: string;
  pretokenizers?: PreTokenizerJson[];
  pattern?: { Regex?: string; String?: string };
  behavior?: string;
  individual_digits?: boolean;
  add_prefix_space?: boolean;
  use_regex?: boolean;
}

const GPT2 = PRE_TOKENIZERS.find(({ name }) => name === "gpt-2")?.pattern ?? "";

/**
 * The regular expressions, applied one after the other, that a byte-level `pre_tokenizer` cuts text
 * with: those of GPT-2, Llama 3, Qwen, StarCoder, DeepSeek and most others.
 *
 * @returns `undefined` if it does something else than cut, or does not end in bytes.
 */
export function splitPatterns(preTokenizer: unknown): string[] | undefined {
  const json = preTokenizer as PreTokenizerJson | null;
  const steps = json?.type === "Sequence" ? (json.pretokenizers ?? []) : json ? [json] : [];
  if (steps.at(-1)?.type !== "ByteLevel") return undefined;
  const patterns: string[] = [];
  for (const step of steps) {
    const pattern = patternOf(step);
    if (pattern === undefined) return undefined;
    if (pattern !== "") patterns.push(pattern);
  }
  return patterns;
}

function patternOf(step: PreTokenizerJson): string | undefined {
  switch (step.type) {
    case "ByteLevel":
      if (step.add_prefix_space === true) return undefined;
      return step.use_regex === false ? "" : GPT2;
    case "Digits":
      return step.individual_digits ? "\\p{N}" : "\\p{N}+";
    case "Split":
      if (step.behavior !== "Isolated" && step.behavior !== "Removed") return undefined;
      // With "Removed" what is between the matches is to go: nothing, or the file is not followed.
      return step.pattern?.Regex ?? escaped(step.pattern?.String);
    default:
      return undefined;
  }
}

const escaped = (text: string | undefined): string | undefined =>
  text?.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** Behaviours of `Split` that `@huggingface/tokenizers` takes for others without a word. */
const UNKNOWN_TO_LIBRARY = ["MergedWithPrevious", "MergedWithNext", "Contiguous"];

/** The first step of a `pre_tokenizer` that `@huggingface/tokenizers` would get wrong, if any. */
export function stepLibraryLacks(preTokenizer: unknown): string | undefined {
  const json = preTokenizer as PreTokenizerJson | null;
  const steps = json?.type === "Sequence" ? (json.pretokenizers ?? []) : json ? [json] : [];
  const step = steps.find(
    ({ type, behavior }) => type === "Split" && UNKNOWN_TO_LIBRARY.includes(behavior ?? ""),
  );
  return step && `${step.type} with ${step.behavior}`;
}
