/** Scripts, spaces and marks that pre-tokenizers treat differently. */
const ALPHABET = [
  ..."abcxyzABC019 \n\n\t\r_.,;:'\"(){}[]<>/\\|-+*=&%$#@!?",
  ..."éßñΩжЖ日本語한ａ１²½٣",
  "\u00a0",
  "\u2003",
  "\u0301",
  "\u200d",
  "🙂",
  "👩‍💻",
  "'s",
  "'LL",
  "  ",
  "    ",
];

/** A text of `length` pieces; `random` gives numbers in [0, 1). */
export function randomText(random: () => number, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return text;
}
