/** What a character does to a token. */
const OTHER = 1;
const WORD = 2;
const SPACE = 3;
/** Goes on with a word, but begins none: an accent of its own, or an underscore. */
const INNER = 4;

/** Scripts that put no space between words, or write endings onto names. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

/** Kinds of the characters up to U+FFFF, each found out when first met. */
const kinds = new Uint8Array(0x10000);

/**
 * End of the token that begins at `start`: a word, a run of white space, or one other character.
 *
 * A word is a run of letters and digits with their accents, and with underscores inside it, as an
 * identifier has them (around it, they are how Markdown stresses). In scripts without spaces each
 * character is a token of its own, so that a name is found between others.
 */
export function tokenEnd(text: string, start: number): number {
  const first = text.codePointAt(start) as number;
  const kind = kindOf(first);
  let end = start + unitsOf(first);
  if (kind !== WORD && kind !== SPACE) return end;
  while (end < text.length) {
    const character = text.codePointAt(end) as number;
    const next = kindOf(character);
    if (next !== kind && !(kind === WORD && next === INNER)) break;
    end += unitsOf(character);
  }
  while (text[end - 1] === "_") end -= 1;
  return end;
}

/** Whether a token is a run of white space. */
export const isSpace = (token: string): boolean => kindOf(token.charCodeAt(0)) === SPACE;

/** Characters as wide as two letters: three of them are a full name in Chinese or Korean. */
export const isUnspaced = (character: string): boolean => unspaced.test(character);

const unitsOf = (character: number) => (character > 0xffff ? 2 : 1);

function kindOf(character: number): number {
  const known = kinds[character];
  if (known !== undefined && known !== 0) return known;
  const kind = findKind(String.fromCodePoint(character));
  if (character <= 0xffff) kinds[character] = kind;
  return kind;
}

function findKind(character: string): number {
  if (/\s/.test(character)) return SPACE;
  if (isUnspaced(character)) return OTHER;
  if (/[\p{M}_]/u.test(character)) return INNER;
  return /[\p{L}\p{N}]/u.test(character) ? WORD : OTHER;
}
