// Byte strings and texts by chance, the same in every run.

/** Numbers in [0, 1) (https://github.com/bryc/code, mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Characters of many kinds, and pieces of code. */
const PIECES = [
  ..."abcdefgxyzABCXYZ0123456789 \n\t\r_.,;:'\"(){}[]<>/\\|-+*=&%$#@!?`~^",
  ..."éßñΩжЖ日本語한ａ１²½٣İſǅﬁ🙂𝒜\u00a0\u2003\u3000\u0301\u200d\u200b",
  ...[
    "fn ",
    "let ",
    "->",
    "::",
    "    ",
    "\r\n",
    "\n\n",
    "'s",
    "'LL",
    "don't",
    "👩‍👩‍👧",
    "नमस्ते",
    "العربية",
  ],
];

/**
 * Byte strings of three kinds in turn: bytes that all are as likely, text of {@link PIECES} of which
 * a byte is broken here and there, and that text as it is.
 */
export function* randomStrings(count, seed = 1) {
  const random = generator(seed);
  const below = (limit) => Math.floor(random() * limit);
  for (let i = 0; i < count; i++) {
    const length = below(200);
    if (i % 3 === 0) {
      yield Buffer.from(Array.from({ length }, () => below(256)));
      continue;
    }
    const text = Array.from({ length }, () => PIECES[below(PIECES.length)]).join("");
    const bytes = Buffer.from(text);
    if (i % 3 === 1) for (let j = 0; j < bytes.length; j += 1 + below(40)) bytes[j] = below(256);
    yield bytes;
  }
}
