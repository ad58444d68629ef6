import type { Parser, Tree } from "web-tree-sitter";
import { loadParser } from "../../grammars.ts";
import type { Language } from "../language.ts";
import { cutTree } from "./cut-tree.ts";

/** Longest text that is parsed, in UTF-16 units; ten times the longest files people write. */
const MAX_LENGTH = 2 << 20;

/**
 * What parsing may cost; counting steps instead of seconds gives the same result on every machine.
 *
 * The parser reports every 100 of its operations. Ordinary code takes one report for 140
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

/** Rust, by tree-sitter, cut into items. */
export const rust: Language = {
  name: "rust",
  async cut(source) {
    if (source.text.length > MAX_LENGTH) return "too_long";
    const tree = parse(await loadParser("rust"), source.text);
    if (!tree) return "parse_limit";
    try {
      return cutTree(tree.rootNode, source);
    } finally {
      tree.delete(); // Its memory is outside the garbage collector's reach.
    }
  },
};

function parse(parser: Parser, text: string): Tree | null {
  let reports = FREE_REPORTS + text.length / CHARACTERS_PER_REPORT;
  let reads = FREE_READS + (READS_PER_PIECE * text.length) / PIECE_LENGTH;
  const isSpent = () => reports < 0 || reads < 0;
  const read = (start: number) => {
    reads -= 1;
    // Once too much was read, the text seems to end, so that the operation comes to its end.
    return isSpent() ? "" : text.slice(start, start + PIECE_LENGTH);
  };
  const progressCallback = () => {
    reports -= 1;
    return isSpent();
  };
  const tree = parser.parse(read, null, { progressCallback });
  if (tree && !isSpent()) return tree;
  tree?.delete();
  parser.reset();
  return null;
}
