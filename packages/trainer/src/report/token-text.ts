import type { GgufMetadata } from "@repotune/ggml";

/** Takes token ids to text. */
export type TokenText = (ids: readonly number[]) => string;

/** Kinds of tokens (`enum llama_token_type` of llama.h). */
const NORMAL = 1;
const BYTE = 6;
const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/;

/**
 * How to read tokens of the vocabulary in `metadata` as text; bytes that are no text, such as half a
 * character at the end, become U+FFFD, and special tokens stand for their names.
 *
 * @returns `undefined` for a kind of vocabulary that is not spelled in one of the two usual ways:
 *   GPT-2's byte alphabet (`gpt2`), or text with U+2581 for a space and `<0x0A>` for a lone byte
 *   (`llama`, SentencePiece).
 */
export function tokenText(metadata: GgufMetadata): TokenText | undefined {
  const kind = metadata.string("tokenizer.ggml.model", "none");
  if (kind !== "gpt2" && kind !== "llama") return undefined;
  const tokens = metadata.strings("tokenizer.ggml.tokens");
  const types = metadata.numbers("tokenizer.ggml.token_type", []);
  const ofNormal = kind === "gpt2" ? bytesInAlphabet : bytesInSentencePiece;
  const bytes = (id: number): Uint8Array => {
    const token = tokens[id] ?? "";
    const type = types[id] ?? NORMAL;
    const byte = type === BYTE ? BYTE_TOKEN.exec(token)?.[1] : undefined;
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return type === NORMAL ? ofNormal(token) : Buffer.from(token);
  };
  return (ids) => Buffer.concat(ids.map(bytes)).toString("utf8");
}

const bytesInSentencePiece = (token: string) => Buffer.from(token.replaceAll("\u2581", " "));

/** Tokens added as plain text are not spelled in the alphabet. */
function bytesInAlphabet(token: string): Buffer {
  const bytes = [...token].map((character) => alphabet.get(character));
  return bytes.every((byte) => byte !== undefined) ? Buffer.from(bytes) : Buffer.from(token);
}

/**
 * GPT-2's characters for bytes (`bytes_to_unicode` of its encoder.py): printable Latin-1 characters
 * stand for themselves, U+0100 and those after it for the 68 other bytes.
 */
const alphabet: ReadonlyMap<string, number> = (() => {
  let next = 0x100;
  const entries = Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = /[!-~\u00a1-\u00ac\u00ae-\u00ff]/.test(String.fromCharCode(byte));
    return [String.fromCharCode(isPrintable ? byte : next++), byte] as const;
  });
  return new Map(entries);
})();
