const QUOTE = 34;
const BACKSLASH = 92;

/** What git writes after a backslash for each byte that it does not write in octal. */
const escapes: Record<string, number> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': QUOTE,
  "\\": BACKSLASH,
};

/** The bytes of a path that git may have quoted as a C string. */
export function unquotePath(quoted: Buffer): Buffer {
  if (quoted[0] !== QUOTE) return Buffer.from(quoted);
  const bytes: number[] = [];
  for (let at = 1; at < quoted.length - 1; at += 1) {
    const byte = quoted[at] as number;
    if (byte !== BACKSLASH) {
      bytes.push(byte);
      continue;
    }
    const plain = escapes[String.fromCharCode(quoted[at + 1] ?? 0)];
    if (plain !== undefined) {
      bytes.push(plain);
      at += 1;
    } else {
      bytes.push(Number.parseInt(quoted.toString("latin1", at + 1, at + 4), 8));
      at += 3;
    }
  }
  return Buffer.from(bytes);
}
