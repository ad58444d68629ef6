import type { GgufValue } from "@repotune/ggml";

/** `enum llama_token_type` of llama.h. */
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

/** Tokens that every such vocabulary has: unknown, begin, end, and one for each byte. */
const RESERVED = 259;

/**
 * GGUF metadata of a vocabulary in the style of SentencePiece with `size` tokens: the reserved ones,
 * the lower-case letters, the word boundary, and then made-up words.
 */
export function sentencePieceVocabulary(size: number): [string, GgufValue][] {
  if (size < RESERVED + 27)
    throw new RangeError(`A vocabulary of ${size} has no room for letters.`);
  const tokens = ["<unk>", "<s>", "</s>"];
  for (let byte = 0; byte < 256; byte++) {
    tokens.push(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  }
  for (let i = 0; i < 26; i++) tokens.push(String.fromCharCode(97 + i));
  tokens.push("▁");
  while (tokens.length < size) tokens.push(`▁w${tokens.length}`);
  const types = Int32Array.from(tokens, (_, id) =>
    id === 0 ? UNKNOWN : id < 3 ? CONTROL : id < RESERVED ? BYTE : NORMAL,
  );
  const scores = Float32Array.from(tokens, (_, id) => Math.min(0, RESERVED - id));
  return [
    ["tokenizer.ggml.model", { type: "string", value: "llama" }],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.scores", { type: "array", elementType: "f32", value: scores }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "i32", value: types }],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: 1 }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: 2 }],
    ["tokenizer.ggml.unknown_token_id", { type: "u32", value: 0 }],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
    ["tokenizer.ggml.add_space_prefix", { type: "bool", value: false }],
  ];
}
