/**
 * Turns a pre-tokenizer's regular expression into a function that cuts a text into its words,
 * which joined give the text again: what no alternative matches becomes a word of its own.
 *
 * `\s` is read as Unicode's White_Space, as llama.cpp and Hugging Face's library do. JavaScript's
 * own `\s` also has U+FEFF, which begins many a file made on Windows, and lacks U+0085.
 *
 * @throws {SyntaxError} for an expression that JavaScript does not have.
 */
export function wordSplitter(pattern: string): (text: string) => string[] {
  const expression = new RegExp(
    pattern.replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}"),
    "gu",
  );
  return (text) => {
    const words = text.match(expression) ?? [];
    const covered = words.reduce((sum, word) => sum + word.length, 0);
    return covered === text.length ? words : withGaps(text, expression);
  };
}

function withGaps(text: string, expression: RegExp): string[] {
  const pieces: string[] = [];
  let end = 0;
  for (const { index, 0: word } of text.matchAll(expression)) {
    if (index > end) pieces.push(text.slice(end, index));
    pieces.push(word);
    end = index + word.length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}
