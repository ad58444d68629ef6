import { abandonParser, type GrammarName, loadParser } from "../../grammars.ts";
import { isRuntimeError } from "../../parser-runtime.ts";
import { SourceText } from "../../source/source-text.ts";
import type { Degradation, UnitMap } from "../../source/unit.ts";
import type { EarlierText, Language } from "../language.ts";
import { withoutConflictMarkers } from "./conflict-markers.ts";
import { cutDepths } from "./cut-depths.ts";
import { cutOutline } from "./cut-outline.ts";
import { Elision } from "./elision.ts";
import type { Outline } from "./outline.ts";
import { hasError, MAX_LENGTH, maxReports, type ParsedTree, parse } from "./parse.ts";
import { readOutline } from "./read-outline.ts";
import type { Syntax } from "./syntax.ts";

/** A language that tree-sitter parses, cut into the items that `syntax` knows. */
export const treeLanguage = (syntax: Syntax): Language => ({
  name: syntax.name,
  async cut(source, before) {
    if (source.text.length > MAX_LENGTH) return "too_long";
    const text = withoutConflictMarkers(source.text);
    const isPlain = text === source.text;
    const again = isPlain && before && (await cutChanged(source, before, syntax));
    return again || (await cutWhole(source, text, syntax));
  },
});

async function cutWhole(
  source: SourceText,
  text: string,
  syntax: Syntax,
): Promise<UnitMap | Degradation> {
  const parsed = await parseSafely(syntax.grammar, text);
  if (!parsed) return "parse_limit";
  const { tree, steps } = parsed;
  try {
    const outline = readOutline(tree.rootNode, source, syntax);
    const map = cutOutline(outline, source, syntax);
    if (!map) return "not_parsed";
    const cuts = cutDepths(tree.rootNode, source, syntax);
    // What a parser makes of an error depends on all around it.
    const isSound = text === source.text && !hasError(tree);
    return { ...map, cuts, ...(isSound && { outline: { ...outline, steps } }) };
  } finally {
    tree.delete(); // Its memory is outside the garbage collector's reach.
  }
}

/** Parses only what was edited; undefined if the whole text must be parsed. */
async function cutChanged(
  source: SourceText,
  before: EarlierText,
  syntax: Syntax,
): Promise<UnitMap | Degradation | undefined> {
  const { outline: old, cuts: oldCuts } = before.map;
  const edits = old && oldCuts && before.edits();
  if (!edits) return undefined;
  const past = { source: before.source, outline: old, cuts: oldCuts };
  const elision = new Elision(past, source, edits, syntax);
  const parsed = elision.isUseful ? await parseSafely(syntax.grammar, elision.text) : null;
  if (!parsed) return undefined;
  const { tree } = parsed;
  try {
    // What takes too many steps as a whole must not pass in pieces.
    const steps = old.steps + parsed.steps;
    if (steps > maxReports(source.text) / 2 || hasError(tree)) return undefined;
    const elided = new SourceText(elision.text);
    const { modules, ...fresh } = readOutline(tree.rootNode, elided, syntax);
    const complete = elision.complete(fresh.nodes, cutDepths(tree.rootNode, elided, syntax));
    if (!complete) return undefined;
    const outline: Outline = { nodes: complete.nodes, modules, isError: false };
    const map = cutOutline(outline, source, syntax);
    return map ? { ...map, cuts: complete.cuts, outline: { ...outline, steps } } : "not_parsed";
  } finally {
    tree.delete();
  }
}

/** Text so deeply nested that the parser's calls of itself fill the stack is over the limit, too. */
async function parseSafely(grammar: GrammarName, text: string): Promise<ParsedTree | null> {
  const parser = await loadParser(grammar);
  try {
    return parse(parser, text);
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    abandonParser(grammar);
    return null;
  }
}
