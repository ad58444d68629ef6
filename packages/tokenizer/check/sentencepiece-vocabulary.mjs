/** `enum llama_token_type` of llama.h. */
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
const BYTE = 6;

/**
 * GGUF metadata of a SentencePiece vocabulary with byte fallback: printable ASCII, the word boundary,
 * and as merged pieces what a byte-level vocabulary has learned, the earliest with the highest score.
 *
 * @param learned bytes of the learned tokens, in the order in which they were learned.
 * @param control further control tokens.
 * @param literals tokens that were added for plain text, as they stand in it or with U+2581 for a space.
 * @param addSpacePrefix whether a space is put before every text.
 */
export function sentencePieceVocabulary(
  learned,
  { control = [], literals = [], addSpacePrefix = false } = {},
) {
  const types = [UNKNOWN, CONTROL, CONTROL];
  const scores = [0, 0, 0];
  const tokens = ["<unk>", "<s>", "</s>"];
  const known = new Set(tokens);
  const add = (token, type, score) => {
    if (known.has(token)) return;
    known.add(token);
    tokens.push(token);
    types.push(type);
    scores.push(score);
  };
  for (let byte = 0; byte < 256; byte++) {
    add(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, BYTE, 0);
  }
  for (const token of control) add(token, CONTROL, 0);
  for (const literal of literals) add(literal, USER_DEFINED, -1000);
  for (const [rank, bytes] of learned.entries()) {
    const text = Buffer.from(bytes).toString();
    if (text === "" || /[\0\ufffd▁]/.test(text)) continue; // llama.cpp ends a token at a NUL.
    // Pairs of scores are equal, so that the position decides, too.
    add(text.replaceAll(" ", "▁"), NORMAL, -Math.floor(rank / 2));
  }
  add("▁", NORMAL, -1e6);
  for (let code = 33; code < 127; code++) add(String.fromCharCode(code), NORMAL, -1e6 - code);
  return [
    ["tokenizer.ggml.model", { type: "string", value: "llama" }],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    [
      "tokenizer.ggml.scores",
      { type: "array", elementType: "f32", value: Float32Array.from(scores) },
    ],
    [
      "tokenizer.ggml.token_type",
      { type: "array", elementType: "i32", value: Int32Array.from(types) },
    ],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: 1 }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: 2 }],
    ["tokenizer.ggml.unknown_token_id", { type: "u32", value: 0 }],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
    ["tokenizer.ggml.add_space_prefix", { type: "bool", value: addSpacePrefix }],
  ];
}
