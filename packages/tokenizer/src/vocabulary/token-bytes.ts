import { bytesOfToken } from "../bpe/byte-alphabet.ts";

/** How a vocabulary spells bytes in its token strings. */
export type TokenAlphabet =
  /** GPT-2's byte alphabet. */
  | "byte-level"
  /** Text with U+2581 for a space, and `<0x0A>` for a byte by itself. */
  | "sentencepiece";

const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/;
const NO_BYTES = new Uint8Array();

/**
 * The bytes that each token stands for.
 *
 * @param isStructure whether the token with this id stands for no text.
 */
export const bytesOfTokens = (
  tokens: readonly string[],
  alphabet: TokenAlphabet,
  isStructure: (id: number) => boolean,
): Uint8Array[] =>
  tokens.map((token, id) => {
    if (isStructure(id)) return NO_BYTES;
    // Tokens added as plain text are not spelled in the alphabet.
    if (alphabet === "byte-level") return bytesOfToken(token) ?? Buffer.from(token);
    const byte = BYTE_TOKEN.exec(token)?.[1];
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return Buffer.from(token.replaceAll("\u2581", " "));
  });
