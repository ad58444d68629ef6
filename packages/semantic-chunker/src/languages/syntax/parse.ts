import { Edit, type Parser, type Tree } from "web-tree-sitter";
import type { TextHistory } from "../language.ts";
import type { KeptTree } from "./tree-store.ts";

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
 * parser reads pieces of this many UTF-16 units; ordinary code is read two to four times over.
 */
const PIECE_LENGTH = 4096;
const READS_PER_PIECE = 32;
const FREE_READS = 256;

/**
 * Parses a text; null if that takes too many steps. The caller deletes the tree.
 *
 * Where the tree of the text's last version is there, only what was edited is parsed. That gives the
 * same tree, except where the parser had to recover from an error: what it makes of one depends on
 * where it began. So trees with errors are neither used nor made that way.
 */
export function parse(
  parser: Parser,
  text: string,
  history: TextHistory | undefined,
): KeptTree | null {
  const before = history?.before && history.trees.take(history.before.id);
  if (before) {
    const edits = history.before?.edits();
    const again = edits && reparse(parser, text, before, edits);
    before.tree.delete();
    if (again) return again;
  }
  return run(parser, text, null);
}

/** Undefined if the text must be parsed as a whole. */
function reparse(
  parser: Parser,
  text: string,
  { tree, steps }: KeptTree,
  edits: ConstructorParameters<typeof Edit>[0][],
): KeptTree | undefined {
  for (const edit of edits) tree.edit(new Edit(edit));
  const parsed = run(parser, text, tree);
  if (!parsed) return undefined;
  const all = steps + parsed.steps;
  // What takes too many steps as a whole must not pass in pieces.
  if (all <= maxReports(text) / 2 && !hasError(parsed.tree)) return { ...parsed, steps: all };
  parsed.tree.delete();
  return undefined;
}

/** Whether the parser made nothing of a part of the text, or assumed what is not there. */
export const hasError = ({ rootNode }: Tree): boolean => rootNode.hasError;

const maxReports = (text: string) => FREE_REPORTS + text.length / CHARACTERS_PER_REPORT;

function run(parser: Parser, text: string, before: Tree | null): KeptTree | null {
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
  const tree = parser.parse(read, before, { progressCallback });
  if (tree && !isSpent()) return { tree, steps };
  tree?.delete();
  parser.reset();
  return null;
}
