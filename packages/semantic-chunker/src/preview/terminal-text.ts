import { visible } from "@repotune/schema";

/** Characters that take two columns: those of East Asia, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

/** Characters that take none. */
const NARROW = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Text of a repository as one line that a terminal does not obey. */
export const oneLine = (text: string): string => visible(text).replace(/[\t\n]+/g, " ");

const widthOfCharacter = (character: string) =>
  character <= "~" ? 1 : NARROW.test(character) ? 0 : WIDE.test(character) ? 2 : 1;

/** Columns that a text without colours takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** A text cut to `columns` at its end, with an ellipsis if something is missing. */
export function fit(text: string, columns: number): string {
  if (text.length <= columns && widthOf(text) <= columns) return text;
  let result = "";
  let width = 0;
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    result += character;
  }
  return `${result}…`;
}

/** A text cut to `columns` at its beginning, where a path or a qualified name says least. */
export function fitEnd(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const kept: string[] = [];
  let width = 1;
  for (const character of [...text].reverse()) {
    width += widthOfCharacter(character);
    if (width > columns) break;
    kept.push(character);
  }
  return `…${kept.reverse().join("")}`;
}

/** A text filled up with blanks to `columns`. */
export const pad = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - widthOf(text)));

/** Words in lines of at most `columns`; what is longer by itself is broken. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  let width = 0;
  for (const word of text.split(/(?<= )/)) {
    if (width > 0 && width + widthOf(word.trimEnd()) > columns) {
      lines.push(line.trimEnd());
      line = "";
      width = 0;
    }
    for (const character of word) {
      const more = widthOfCharacter(character);
      if (width + more > columns && character !== " ") {
        lines.push(line);
        line = "";
        width = 0;
      }
      line += character;
      width += more;
    }
  }
  return [...lines, line.trimEnd()];
}
