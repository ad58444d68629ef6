import type { Parser, Tree } from "web-tree-sitter";
import { loadParser } from "../../grammars.ts";
import type { Language } from "../language.ts";
import { cutTree } from "./cut-tree.ts";

/** Longest text that is parsed, in UTF-16 units; ten times the longest files people write. */
const MAX_LENGTH = 2 << 20;

/**
 * The parser reports every 100 of its operations. Ordinary code takes one report for 140
 * characters, text of another language one for 60, random punctuation one for 30. Counting reports
 * instead of seconds gives the same result on every machine.
 */
const CHARACTERS_PER_REPORT = 8;
const FREE_REPORTS = 10_000;

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
  const progressCallback = () => {
    reports -= 1;
    return reports < 0;
  };
  const tree = parser.parse(text, null, { progressCallback });
  if (!tree) parser.reset();
  return tree;
}
