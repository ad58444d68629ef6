/**
 * Characters that are looked at together. V8 gives up on a match of some four million characters;
 * a longer word than this is cut, which changes its ids and loses nothing.
 */
const WINDOW = 1 << 20;

/**
 * Turns a pre-tokenizer's regular expressions into a function that cuts a text into its words,
 * which joined give the text again: what an expression does not match becomes a word of its own.
 *
 * Of several expressions each cuts the words that the one before it left.
 *
 * `\s` is read as Unicode's White_Space and `\d` as its decimal digits, as llama.cpp and Hugging
 * Face's library do. JavaScript's own `\s` also has U+FEFF, which begins many a file made on
 * Windows, and lacks U+0085.
 *
 * @throws {SyntaxError} for an expression that JavaScript does not have.
 */
export function wordSplitter(pattern: string | readonly string[]): (text: string) => string[] {
  const [first, ...rest] = (typeof pattern === "string" ? [pattern] : pattern).map(unicodeRegExp);
  const split = (text: string): string[] => {
    if (!first) return [text];
    return rest.reduce(
      (words, expression) => words.flatMap((word) => isolate(word, expression)),
      isolate(text, first),
    );
  };
  return (text) => (text.length <= WINDOW ? split(text) : splitByWindow(text, split));
}

function unicodeRegExp(pattern: string): RegExp {
  const unicode = pattern
    .replaceAll("\\s", "\\p{White_Space}")
    .replaceAll("\\S", "\\P{White_Space}")
    .replaceAll("\\d", "\\p{Nd}")
    // JavaScript cannot ignore the case of a part: "(?i:'s|'[tm])" is spelled out.
    .replaceAll(/\(\?i:([^()\\]*)\)/g, (_, part: string) => `(?:${withBothCases(part)})`);
  return new RegExp(unicode, "gu");
}

const withBothCases = (part: string): string =>
  part.replaceAll(/\[([a-z]+)\]|[a-z]/g, (letter, set: string | undefined) =>
    set ? `[${set}${set.toUpperCase()}]` : `[${letter}${letter.toUpperCase()}]`,
  );

function isolate(text: string, expression: RegExp): string[] {
  const words = text.match(expression) ?? [];
  let covered = 0;
  for (const word of words) covered += word.length;
  return covered === text.length ? words : withGaps(text, expression);
}

function withGaps(text: string, expression: RegExp): string[] {
  const pieces: string[] = [];
  let end = 0;
  for (const { index, 0: word } of text.matchAll(expression)) {
    if (index > end) pieces.push(text.slice(end, index));
    if (word !== "") pieces.push(word);
    end = index + word.length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

/** Splits a long text a part at a time; the last word of each part may go on in the next. */
function splitByWindow(text: string, split: (text: string) => string[]): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    let end = Math.min(at + WINDOW, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    const found = split(text.slice(at, end));
    if (end < text.length && found.length > 1) found.pop();
    for (const word of found) {
      words.push(word);
      at += word.length;
    }
  }
  return words;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
