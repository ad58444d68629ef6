import type { Node } from "web-tree-sitter";
import { detached } from "../../source/detached.ts";
import type { SourceText } from "../../source/source-text.ts";
import { describeItem, entryOf } from "./describe.ts";
import type { NodeList, Outline, OutlineNode } from "./outline.ts";
import type { Item, Syntax } from "./syntax.ts";

/** More nested modules than anyone writes; deeper ones stay whole. */
const MAX_DEPTH = 32;

/**
 * Functions with so many lines in their body are worth parsing in parts: their statements are told, too. Lines are
 * the same where some of the text is left out.
 */
export const LONG_FUNCTION = 40;

/** Reads the outline of a syntax tree. */
export function readOutline(root: Node, source: SourceText, syntax: Syntax): Outline {
  return new OutlineReader(source, syntax).read(root);
}

class OutlineReader {
  readonly #source: SourceText;
  readonly #syntax: Syntax;
  readonly #comments: Set<string>;
  readonly #prefixes: Set<string>;
  readonly #fileDocs: Set<string>;
  readonly #lists: Set<string>;
  /** A failed parse gives a node as many children as it has characters: slow to walk, for nothing. */
  readonly #maxChildren: number;

  constructor(source: SourceText, syntax: Syntax) {
    this.#source = source;
    this.#syntax = syntax;
    this.#comments = new Set(syntax.comments);
    this.#prefixes = new Set(syntax.prefixes);
    this.#fileDocs = new Set(syntax.fileDocs);
    this.#lists = new Set(syntax.lists);
    this.#maxChildren = 4 * source.lineCount + 64;
  }

  read(root: Node): Outline {
    const modules = this.#syntax.modulesOf?.(root, this.#source.text) ?? [];
    return { nodes: this.#nodesIn(root, 0, 0), modules, isError: root.isError };
  }

  /** @param origin line that others are counted from. */
  #nodesIn(parent: Node, origin: number, depth: number): OutlineNode[] {
    if (parent.childCount > this.#maxChildren) return [];
    return parent.children.map((node) => this.#nodeOf(node, origin, depth));
  }

  #nodeOf(node: Node, origin: number, depth: number): OutlineNode {
    const { type } = node;
    const line = node.startPosition.row + 1;
    const lines = { first: line - origin, last: lastLine(node) - origin };
    if (this.#comments.has(type)) {
      const { docComments } = this.#syntax;
      const opening = this.#source.text.slice(node.startIndex, node.startIndex + 4);
      const isInner = docComments?.inner.test(opening) ?? false;
      const isOuter = docComments?.outer.test(opening) ?? false;
      return { ...lines, role: "comment", startsLine: this.#startsLine(node), isInner, isOuter };
    }
    if (this.#fileDocs.has(type)) return { ...lines, role: "docs" };
    if (this.#prefixes.has(type)) return { ...lines, role: "prefix", text: this.#textOf(node) };
    const found = describeItem(this.#syntax, node, this.#source.text);
    if (found) {
      const { body, ...rest } = found;
      const item = { ...rest, name: rest.name && detached(rest.name) };
      if (rest.container) item.container = detached(rest.container);
      const list =
        body && item.opens ? this.#bodyOf(body, line, depth) : this.#statementsOf(node, line);
      return { ...lines, role: "item", item, list };
    }
    const isError = type === "ERROR";
    const block = isError ? "all" : entryOf(this.#syntax.blocks ?? {}, type);
    const list = block && depth < MAX_DEPTH ? this.#blockOf(node, line, depth) : null;
    return {
      ...lines,
      role: "rest",
      what: isError ? "error" : node.isNamed ? "statement" : "sign",
      isMembersOnly: block === "members",
      list,
    };
  }

  /** The body of an item; null if it has no line to itself. */
  #bodyOf(body: NonNullable<Item["body"]>, origin: number, depth: number): NodeList | null {
    if (depth >= MAX_DEPTH) return null;
    const { first, last } = this.#linesIn(body, origin);
    return last < first ? null : { first, last, nodes: this.#nodesIn(body, origin, depth + 1) };
  }

  /** The statements of a long function; null for what is none, and among which no items are looked for. */
  #statementsOf(node: Node, origin: number): NodeList | null {
    const mayBeLong = node.endPosition.row - node.startPosition.row >= LONG_FUNCTION;
    const body = mayBeLong ? node.childForFieldName("body") : null;
    if (!body || !this.#lists.has(body.type) || body.childCount > this.#maxChildren) return null;
    const { first, last } = this.#linesIn(body, origin);
    if (last - first + 1 < LONG_FUNCTION) return null;
    const nodes = body.children.map((child): OutlineNode => {
      const line = child.startPosition.row + 1;
      const what = child.isNamed ? "statement" : "sign";
      const lines = { first: line - origin, last: lastLine(child) - origin };
      return { ...lines, role: "rest", what, isMembersOnly: false, list: null };
    });
    return { first, last, nodes };
  }

  /** Lines of a body without those of its braces. */
  #linesIn(body: Node, origin: number): { first: number; last: number } {
    const isBraced = /[{(]/.test(this.#source.text.charAt(body.startIndex));
    const isBelowHead = !isBraced && this.#startsLine(body);
    return {
      first: body.startPosition.row + (isBelowHead ? 1 : 2) - origin,
      last: lastLine(body) - (isBraced ? 1 : 0) - origin,
    };
  }

  #blockOf(node: Node, origin: number, depth: number): NodeList {
    const isItem = entryOf(this.#syntax.items, node.type) !== undefined;
    const last = isItem ? 0 : lastLine(node) - 1 - origin;
    return { first: 1, last, nodes: this.#nodesIn(node, origin, depth + 1) };
  }

  /** Whether nothing stands before it on its line. */
  #startsLine(node: Node): boolean {
    const { text } = this.#source;
    return text.slice(node.startIndex - node.startPosition.column, node.startIndex).trim() === "";
  }

  #textOf(node: Node): string {
    return detached(this.#source.text.slice(node.startIndex, node.endIndex));
  }
}

/** A documentation comment ends at the start of the line after it. */
function lastLine(node: Node): number {
  const { row, column } = node.endPosition;
  return column === 0 && row > node.startPosition.row ? row : row + 1;
}
