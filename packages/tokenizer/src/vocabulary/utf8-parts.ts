/** Smallest code point that a sequence of this many bytes may spell. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

/**
 * The parts of a byte string: as a text, what is UTF-8; as a number, each byte that is not.
 */
export function* utf8Parts(bytes: Uint8Array): Generator<string | number> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  let at = 0;
  while (at < buffer.length) {
    const length = characterLength(buffer, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > start) yield buffer.toString("utf8", start, at);
    yield buffer[at] ?? 0;
    at += 1;
    start = at;
  }
  if (at > start) yield buffer.toString("utf8", start, at);
}

/** Bytes of the character at `at`, or 0 if there is none: RFC 3629, section 4. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  let codePoint = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] ?? 0;
    if (next < 0x80 || next >= 0xc0) return 0;
    codePoint = codePoint * 64 + (next & 0x3f);
  }
  const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
  return codePoint < (SMALLEST[length] ?? 0) || codePoint > 0x10ffff || isSurrogate ? 0 : length;
}
