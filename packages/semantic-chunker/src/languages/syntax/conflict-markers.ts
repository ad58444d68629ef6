/** The lines that git puts around and between the sides of a conflict. */
const MARKERS = /^(?:[<|>]{7}(?: .*)?|={7})\r?$/gm;

/**
 * A text for a parser, in which spaces stand for the marker lines of conflicts that were committed:
 * both sides can then be read. Every other character keeps its place.
 */
export function withoutConflictMarkers(text: string): string {
  const isMarked = text.includes("<<<<<<< ") && text.includes(">>>>>>>");
  return isMarked ? text.replace(MARKERS, (line) => " ".repeat(line.length)) : text;
}
