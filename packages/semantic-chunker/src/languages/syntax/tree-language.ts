import { abandonParser, type GrammarName, loadParser } from "../../grammars.ts";
import { isRuntimeError } from "../../parser-runtime.ts";
import type { Language, TextHistory } from "../language.ts";
import { withoutConflictMarkers } from "./conflict-markers.ts";
import { cutDepths } from "./cut-depths.ts";
import { cutOutline } from "./cut-outline.ts";
import { hasError, MAX_LENGTH, parse } from "./parse.ts";
import { readOutline } from "./read-outline.ts";
import type { Syntax } from "./syntax.ts";
import type { KeptTree } from "./tree-store.ts";

/** A language that tree-sitter parses, cut into the items that `syntax` knows. */
export const treeLanguage = (syntax: Syntax): Language => ({
  name: syntax.name,
  async cut(source, history) {
    if (source.text.length > MAX_LENGTH) return "too_long";
    const text = withoutConflictMarkers(source.text);
    // Edits are those of the text as it was written.
    const past = text === source.text ? history : undefined;
    const parsed = await parseSafely(syntax.grammar, text, past);
    if (!parsed) return "parse_limit";
    const { tree } = parsed;
    try {
      const outline = readOutline(tree.rootNode, source, syntax);
      const map = cutOutline(outline, source, syntax);
      if (!map) return "not_parsed";
      const cuts = cutDepths(tree.rootNode, source, syntax);
      return { ...map, cuts };
    } finally {
      if (past && !hasError(tree)) past.trees.keep(past.id, parsed, text.length);
      else tree.delete(); // Its memory is outside the garbage collector's reach.
    }
  },
});

/** Text so deeply nested that the parser's calls of itself fill the stack is over the limit, too. */
async function parseSafely(
  grammar: GrammarName,
  text: string,
  history: TextHistory | undefined,
): Promise<KeptTree | null> {
  const parser = await loadParser(grammar);
  try {
    return parse(parser, text, history);
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    abandonParser(grammar);
    return null;
  }
}
