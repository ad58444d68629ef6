import type { Tree } from "web-tree-sitter";
import { abandonParser, type GrammarName, loadParser } from "../../grammars.ts";
import { isRuntimeError } from "../../parser-runtime.ts";
import type { Language } from "../language.ts";
import { withoutConflictMarkers } from "./conflict-markers.ts";
import { cutTree } from "./cut-tree.ts";
import { MAX_LENGTH, parse } from "./parse.ts";
import type { Syntax } from "./syntax.ts";

/** A language that tree-sitter parses, cut into the items that `syntax` knows. */
export const treeLanguage = (syntax: Syntax): Language => ({
  name: syntax.name,
  async cut(source) {
    if (source.text.length > MAX_LENGTH) return "too_long";
    const tree = await parseSafely(syntax.grammar, withoutConflictMarkers(source.text));
    if (!tree) return "parse_limit";
    try {
      return cutTree(tree.rootNode, source, syntax);
    } finally {
      tree.delete(); // Its memory is outside the garbage collector's reach.
    }
  },
});

/** Text so deeply nested that the parser's calls of itself fill the stack is over the limit, too. */
async function parseSafely(grammar: GrammarName, text: string): Promise<Tree | null> {
  const parser = await loadParser(grammar);
  try {
    return parse(parser, text);
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    abandonParser(grammar);
    return null;
  }
}
