import type { GgufMetadata } from "@repotune/ggml";
import { bytesOfToken } from "@repotune/tokenizer";

/** Kinds of tokens (`enum llama_token_type` of llama.h). */
const NORMAL = 1;
const BYTE = 6;

const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/;

/** The bytes that a token stands for. */
export type TokenBytes = (token: number) => Uint8Array;

/**
 * The bytes that each token of a model stands for; special tokens stand for their names.
 *
 * llama.cpp itself takes ids to text too, but for some vocabularies, such as that of Llama 3, it
 * leaves out the space before a punctuation mark, which harms source code: `a ? b` became `a? b`.
 *
 * @returns `undefined` for a kind of vocabulary that is not spelled in one of the two usual ways:
 *   GPT-2's byte alphabet (`gpt2`), or text with U+2581 for a space and `<0x0A>` for a lone byte
 *   (`llama`, SentencePiece).
 */
export function tokenBytes(metadata: GgufMetadata): TokenBytes | undefined {
  const kind = metadata.string("tokenizer.ggml.model", "none");
  if (kind !== "gpt2" && kind !== "llama") return undefined;
  const tokens = metadata.strings("tokenizer.ggml.tokens");
  const types = metadata.numbers("tokenizer.ggml.token_type", []);
  const ofNormal =
    kind === "gpt2"
      ? (text: string) => bytesOfToken(text) ?? Buffer.from(text)
      : (text: string) => Buffer.from(text.replaceAll("\u2581", " "));
  return (token) => {
    const text = tokens[token] ?? "";
    const type = types[token] ?? NORMAL;
    if (type === NORMAL) return ofNormal(text);
    const byte = type === BYTE ? BYTE_TOKEN.exec(text)?.[1] : undefined;
    return byte === undefined ? Buffer.from(text) : Uint8Array.of(Number.parseInt(byte, 16));
  };
}
