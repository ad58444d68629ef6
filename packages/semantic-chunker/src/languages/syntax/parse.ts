import type { Parser, Tree } from "web-tree-sitter";

/** Longest text that is parsed, in UTF-16 units; ten times the longest files people write. */
export const MAX_LENGTH = 2 << 20;

/**
 * What parsing may cost; counting steps instead of seconds gives the same result on every machine.
 *
 * The parser reports every 100 of its operations. Ordinary Rust takes one report for 140
 * characters, text of another language one for 60, random punctuation one for 30.
 */
const CHARACTERS_PER_REPORT = 8;
const FREE_REPORTS = 10_000;

/**
 * One operation may read on to the end of the text, in search of the end of a raw string, say. The
 * parser reads pieces of this many UTF-16 units, of which 5,119 would fit web-tree-sitter's buffer;
 * ordinary code is read two to four times over.
 */
const PIECE_LENGTH = 5000;
const READS_PER_PIECE = 32;
const FREE_READS = 256;

/** A syntax tree, with the reports of the parser while it was made. */
export interface ParsedTree {
  tree: Tree;
  steps: number;
}

/** Whether the parser made nothing of a part of the text, or assumed what is not there. */
export const hasError = ({ rootNode }: Tree): boolean => rootNode.hasError;

/** Reports that parsing a text may take. */
export const maxReports = (text: string) => FREE_REPORTS + text.length / CHARACTERS_PER_REPORT;

/** Parses a text; null if that takes too many steps. The caller deletes the tree. */
export function parse(parser: Parser, text: string): ParsedTree | null {
  let steps = 0;
  let reads = 0;
  const maxSteps = maxReports(text);
  const maxReads = FREE_READS + (READS_PER_PIECE * text.length) / PIECE_LENGTH;
  const isSpent = () => steps > maxSteps || reads > maxReads;
  const read = (start: number) => {
    reads += 1;
    // Once too much was read, the text seems to end, so that the operation comes to its end.
    return isSpent() ? "" : text.slice(start, start + PIECE_LENGTH);
  };
  const progressCallback = () => {
    steps += 1;
    return isSpent();
  };
  const tree = parser.parse(read, null, { progressCallback });
  if (tree && !isSpent()) return { tree, steps };
  tree?.delete();
  parser.reset();
  return null;
}
