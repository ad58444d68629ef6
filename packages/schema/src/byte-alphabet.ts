/**
 * GPT-2's byte alphabet: one printable character for each byte, so that any byte string can be
 * spelled in JSON. Printable Latin-1 characters stand for themselves, the 68 other bytes for
 * U+0100 and up (https://github.com/openai/gpt-2/blob/master/src/encoder.py, `bytes_to_unicode`).
 */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const characters: string[] = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    characters.push(String.fromCharCode(isPrintable ? byte : next++));
  }
  return characters;
})();

const bytesByCharacter = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

/** Bytes in the order of their characters' code points, which is the order of their ids. */
export const BYTES_IN_ID_ORDER: readonly number[] = [...bytesByCharacter]
  .sort(([a], [b]) => a.charCodeAt(0) - b.charCodeAt(0))
  .map(([, byte]) => byte);

/**
 * The bytes that a token string of the byte alphabet spells, or `undefined` if it has a character
 * that is not in it.
 */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = bytesByCharacter.get(token.charAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
