import { bytesOfToken } from "@repotune/schema";

/** How a vocabulary spells bytes in its token strings. */
export type TokenAlphabet =
  /** GPT-2's byte alphabet. */
  | { kind: "byte-level" }
  /** Text with U+2581 for a space, and `<0x0A>` for a byte by itself. */
  | { kind: "sentencepiece" }
  /** Words that go on from the one before with a prefix (`##`), and follow a space without. */
  | { kind: "continued"; prefix: string }
  /** Words of which the last token has a suffix (`</w>`), which a space follows. */
  | { kind: "ended"; suffix: string };

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
  tokens.map((token, id) => (isStructure(id) ? NO_BYTES : bytesOf(token, alphabet)));

function bytesOf(token: string, alphabet: TokenAlphabet): Uint8Array {
  switch (alphabet.kind) {
    case "byte-level":
      // Tokens added as plain text are not spelled in the alphabet.
      return bytesOfToken(token) ?? Buffer.from(token);
    case "sentencepiece": {
      const byte = BYTE_TOKEN.exec(token)?.[1];
      if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
      return Buffer.from(token.replaceAll("\u2581", " "));
    }
    case "continued":
      if (token.startsWith(alphabet.prefix))
        return Buffer.from(token.slice(alphabet.prefix.length));
      return Buffer.from(` ${token}`);
    case "ended":
      if (!token.endsWith(alphabet.suffix)) return Buffer.from(token);
      return Buffer.from(`${token.slice(0, -alphabet.suffix.length)} `);
  }
}
