import type { tinyModel } from "@repotune/test-kit/models";
import type { TokenizerJson } from "../src/index.ts";

export type GgufEntries = Exclude<
  NonNullable<Parameters<typeof tinyModel>[0]>["vocabulary"],
  number | undefined
>; // prettier-ignore

/**
 * GGUF metadata of a byte-level BPE vocabulary.
 *
 * @param control ids of control tokens.
 * @param added ids of tokens that were added and are none.
 */
export function ggufEntries(
  json: TokenizerJson,
  control: readonly number[],
  { added = [], preTokenizer = "qwen2" }: { added?: readonly number[]; preTokenizer?: string } = {},
): GgufEntries {
  const tokens = Object.entries(json.model.vocab as Record<string, number>)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token);
  const types = Int32Array.from(tokens, (_, id) =>
    control.includes(id) ? 3 : added.includes(id) ? 4 : 1,
  );
  const merges = (json.model.merges ?? []).map(String);
  return [
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: preTokenizer }],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "i32", value: types }],
    ["tokenizer.ggml.merges", { type: "array", elementType: "string", value: merges }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: 4 }],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: 3 }],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
  ];
}
