import type { Node } from "web-tree-sitter";
import { CutDepth } from "../../source/cut-depth.ts";
import type { SourceText } from "../../source/source-text.ts";
import type { Syntax } from "./syntax.ts";

/**
 * Nodes of this many UTF-16 units or fewer are not looked into: a cut around them is as good. A unit
 * is rarely cut into parts that are less than four times as long.
 */
export const SMALL_NODE = 512;

/** More nested nodes than anyone writes; deeper ones stay whole. */
const MAX_DEPTH = 200;

/** Strings, in which nothing begins. */
const STRING = /^(?!concatenated_)\w*string|^heredoc_body$/;

/**
 * How well a long unit can be cut before each line, for `UnitMap.cuts`.
 *
 * A line is as deep as the lists around what begins on it. Comments and attributes go with what
 * follows them: that may be cut off from them, but it is one deeper than they are.
 */
export function cutDepths(root: Node, source: SourceText, syntax: Syntax): Uint8Array {
  const marker = new DepthMarker(source, syntax);
  marker.open(root, true, source.text.length, 0, 0);
  return marker.depths;
}

class DepthMarker {
  readonly depths: Uint8Array;
  readonly #text: string;
  readonly #lists: Set<string>;
  readonly #comments: Set<string>;
  readonly #prefixes: Set<string>;
  /** As for items: what a failed parse leaves is slow to walk, for nothing. */
  readonly #maxChildren: number;

  constructor({ text, lineCount }: SourceText, syntax: Syntax) {
    this.depths = new Uint8Array(lineCount + 1).fill(CutDepth.unknown);
    this.#text = text;
    this.#lists = new Set(syntax.lists).add("ERROR");
    this.#comments = new Set(syntax.comments);
    this.#prefixes = new Set(syntax.prefixes);
    this.#maxChildren = 4 * lineCount + 64;
  }

  /**
   * Marks the lines on which a node's children begin.
   *
   * @param end offset at which the node ends at the latest; asking the parser takes longer.
   * @param depth lists around it; `nesting` nodes around it.
   */
  open(node: Node, isList: boolean, end: number, depth: number, nesting: number): void {
    if (nesting > MAX_DEPTH || node.childCount > this.#maxChildren) return;
    const { children } = node;
    /** Line after comments or attributes, which what begins there belongs to. */
    let bound = -1;
    for (let index = 0; index < children.length; index += 1) {
      const child = children[index] as Node;
      const stop = children[index + 1]?.startIndex ?? end;
      const isOpened =
        stop - child.startIndex > SMALL_NODE && child.endIndex - child.startIndex > SMALL_NODE;
      const startsLine = this.#startsLine(child);
      // The parser is asked no more than is needed: that takes most of the time.
      if (!isOpened && !(startsLine && isList)) {
        if (startsLine) this.#set(child, CutDepth.inside);
        continue;
      }
      const { type } = child;
      const isComment = this.#comments.has(type);
      if (startsLine && isList) {
        const isBound = child.startPosition.row === bound;
        if (isComment || this.#prefixes.has(type)) bound = this.#rowAfter(child, stop);
        // The lines of a comment are one.
        if (!(isComment && isBound)) this.#mark(child, type, isBound ? depth + 1 : depth);
      } else if (startsLine) this.#set(child, CutDepth.inside);
      if (!isOpened || isComment || STRING.test(type)) continue;
      const opensList = this.#lists.has(type);
      this.open(child, opensList, stop, opensList ? depth + 1 : depth, nesting + 1);
    }
  }

  #mark(child: Node, type: string, depth: number): void {
    // Rules of a grammar are words; what is none is a bracket or the like.
    const isElement = /^\w/.test(type) && child.isNamed;
    this.#set(child, isElement ? Math.min(depth, CutDepth.deepest) : CutDepth.inside);
  }

  #set({ startPosition: { row } }: Node, code: number): void {
    const line = row + 1;
    // The outermost of what begins on a line decides.
    if (code < (this.depths[line] ?? 0)) this.depths[line] = code;
  }

  /** The row after a node that is followed by white space up to offset `stop`. */
  #rowAfter(node: Node, stop: number): number {
    let row = node.startPosition.row;
    const text = this.#text.slice(node.startIndex, stop).trimEnd();
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) row += 1;
    return row + 1;
  }

  /** Whether nothing stands before a node on its line. */
  #startsLine({ startIndex }: Node): boolean {
    for (let at = startIndex - 1; at >= 0; at -= 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 10) return true;
      if (code !== 32 && code !== 9 && code !== 13) return false;
    }
    return true;
  }
}
