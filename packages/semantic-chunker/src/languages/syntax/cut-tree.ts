import type { Node } from "web-tree-sitter";
import type { SourceText } from "../../source/source-text.ts";
import { type Degradation, NO_UNIT, type Unit, type UnitMap } from "../../source/unit.ts";
import { UnitPainter } from "../../source/unit-painter.ts";
import { cutDepths } from "./cut-depths.ts";
import { describeItem, entryOf } from "./describe.ts";
import { LineMark, LooseLines } from "./loose-lines.ts";
import { Pending } from "./pending.ts";
import type { Item, Surroundings, Syntax } from "./syntax.ts";

/** More nested modules than anyone writes; deeper ones stay whole. */
const MAX_DEPTH = 32;

/** Where items are looked for. */
interface Place extends Surroundings {
  /** Modules around it, within the file. */
  scope: readonly string[];
  /** Conditions under which what is around it is there. */
  variant: string;
  /** Unit that has the lines so far, as an index. */
  holder: number;
  /** Whether only items that can be members are units. */
  isMembersOnly: boolean;
  /** Whether the container is a suite of tests, whose functions are no methods. */
  isSuite: boolean;
  /** Whether the parser made nothing of it. */
  isError: boolean;
  /** Lines in which items may lie; those of the braces are the container's. */
  first: number;
  last: number;
  depth: number;
}

/**
 * Cuts a file's syntax tree into items.
 *
 * Attributes, documentation and comments that stand right before an item are part of it. A class,
 * an `impl`, a trait or a module is a unit of its own without its functions (without all items, for
 * a module), which follow as further units; so signatures and fields stay with their type. Imports
 * that follow one another are one unit. What lies between items is left to {@link LooseLines}. A
 * syntax error stays local: the items around it are found.
 */
export function cutTree(root: Node, source: SourceText, syntax: Syntax): UnitMap | Degradation {
  return new TreeCutter(source, syntax).cut(root);
}

class TreeCutter {
  readonly #source: SourceText;
  readonly #syntax: Syntax;
  readonly #comments: Set<string>;
  readonly #prefixes: Set<string>;
  readonly #fileDocs: Set<string>;
  readonly #painter: UnitPainter;
  readonly #loose: LooseLines;
  /** A failed parse gives a node as many children as it has characters: slow to walk, for nothing. */
  readonly #maxChildren: number;
  #hasItems = false;
  #lastUse: { index: number; holder: number; last: number } | undefined;

  constructor(source: SourceText, syntax: Syntax) {
    this.#source = source;
    this.#syntax = syntax;
    this.#comments = new Set(syntax.comments);
    this.#prefixes = new Set(syntax.prefixes);
    this.#fileDocs = new Set(syntax.fileDocs);
    this.#painter = new UnitPainter(source);
    this.#loose = new LooseLines(source);
    this.#maxChildren = 4 * source.lineCount + 64;
  }

  cut(root: Node): UnitMap | Degradation {
    const { lineCount, text } = this.#source;
    const scope = this.#syntax.modulesOf?.(root, text) ?? [];
    if (scope.length > 0) this.#loose.enter(scope, 1, lineCount);
    this.#walk(root, {
      scope,
      variant: "",
      container: null,
      holder: NO_UNIT,
      isTest: false,
      isMembersOnly: false,
      isSuite: false,
      isError: root.isError,
      first: 1,
      last: lineCount,
      depth: 0,
    });
    if (!this.#loose.paint(this.#painter)) return "not_parsed";
    const cuts = cutDepths(root, this.#source, this.#syntax);
    return { ...this.#painter.finish(), cuts };
  }

  /** Finds the items among the children of `parent`. */
  #walk(parent: Node, place: Place): void {
    if (parent.childCount > this.#maxChildren) return;
    const pending = new Pending();
    for (const node of parent.children) {
      const { type } = node;
      const first = node.startPosition.row + 1;
      const last = lastLine(node);
      if (this.#comments.has(type)) {
        this.#addComment(node, first, last, pending);
      } else if (this.#fileDocs.has(type)) {
        this.#loose.mark(first, last, LineMark.docs);
        pending.clear();
      } else if (this.#prefixes.has(type)) {
        pending.add(first, last, true, this.#textOf(node));
      } else {
        const item = describeItem(this.#syntax, node, this.#source.text, place);
        if (item) this.#addItem(node, item, pending, place);
        else this.#addRest(node, first, last, place);
        pending.clear();
      }
    }
  }

  #addComment(node: Node, first: number, last: number, pending: Pending): void {
    const { docComments } = this.#syntax;
    const opening = this.#source.text.slice(node.startIndex, node.startIndex + 4);
    const isInner = docComments?.inner.test(opening) ?? false;
    const startsLine = this.#startsLine(node);
    if (startsLine) this.#loose.mark(first, last, isInner ? LineMark.docs : LineMark.comment);
    if (isInner) pending.clear();
    else if (startsLine) pending.add(first, last, docComments?.outer.test(opening) ?? false);
  }

  /** Takes what is no item itself: errors, blocks with items in them, and statements. */
  #addRest(node: Node, first: number, last: number, place: Place): void {
    const { blocks = {}, hasStatements } = this.#syntax;
    const isError = node.type === "ERROR";
    const block = isError ? "all" : entryOf(blocks, node.type);
    if (isError) this.#loose.doubt(first, last);
    else if (!place.isError && node.isNamed && (block || hasStatements)) {
      this.#loose.mark(first, last, LineMark.statement);
    }
    if (!block || place.depth >= MAX_DEPTH) return;
    this.#walk(node, {
      ...place,
      isMembersOnly: place.isMembersOnly || block === "members",
      isError: place.isError || isError,
      depth: place.depth + 1,
    });
  }

  #addItem(node: Node, item: Item, pending: Pending, place: Place): void {
    const { scope, holder } = place;
    if (this.#syntax.hasFileHeader && !this.#hasItems && item.kind === "use") pending.clear();
    const first = pending.firstLineOf(node.startPosition.row + 1);
    const last = lastLine(node);
    if (first < place.first || last > place.last) return;
    if (place.isMembersOnly && !item.isMember) return;
    if (item.kind === "use" && this.#extendUse(first, last, holder)) return;

    const mark = this.#syntax.markOf?.(pending.attributes);
    const isTestItem = item.isTest === true || mark === "test";
    const container = joined(place.container, item.container);
    const variant = place.variant + (this.#syntax.variantOf?.(pending.attributes) ?? "");
    const unit: Unit = {
      kind: kindOf(item, isTestItem, container !== null && !place.isSuite),
      name: item.name,
      scope,
      container,
      isTest: place.isTest || isTestItem || mark === "test_only",
      section: null,
      // An attribute makes a function a test, but not another function.
      key: [item.kind, scope.join("::"), container ?? "", item.name ?? ""].join("\0"),
      ...(variant !== "" && { variant }),
      first,
      last,
    };
    this.#hasItems = true;
    const index = this.#painter.add(unit, holder);
    if (item.kind === "use") this.#lastUse = { index, holder, last };
    if (this.#painter.ownerOf(first) === index) this.#addMembers(item, index, unit, place);
  }

  #addMembers({ body, opens }: Item, index: number, unit: Unit, place: Place): void {
    if (!body || !opens || place.depth >= MAX_DEPTH) return;
    const isBraced = /[{(]/.test(this.#source.text.charAt(body.startIndex));
    const isBelowHead = !isBraced && this.#startsLine(body);
    const first = body.startPosition.row + (isBelowHead ? 1 : 2);
    const last = lastLine(body) - (isBraced ? 1 : 0);
    if (last < first) return;
    const { isTest, name, variant = "" } = unit;
    const depth = place.depth + 1;
    const inside = { ...place, isTest, variant, first, last, depth, holder: index };
    if (opens !== "module") {
      const container = joined(unit.container, name);
      const isSuite = opens === "suite";
      this.#walk(body, { ...inside, container, isSuite, isMembersOnly: container !== null });
      return;
    }
    const scope = name === null ? unit.scope : [...unit.scope, name];
    this.#painter.release(index, first, last);
    this.#loose.enter(scope, first, last);
    const holder = NO_UNIT;
    const free = { container: null, isMembersOnly: false, isSuite: false };
    this.#walk(body, { ...inside, ...free, scope, holder });
  }

  /** Adds an import to the group before it, if only blank lines lie between. */
  #extendUse(first: number, last: number, holder: number): boolean {
    const group = this.#lastUse;
    if (!group || group.holder !== holder) return false;
    for (let line = group.last + 1; line < first; line += 1) {
      if (!this.#source.isBlank(line)) return false;
    }
    this.#painter.extend(group.index, last, holder);
    group.last = last;
    return true;
  }

  /** Whether nothing stands before it on its line. */
  #startsLine(node: Node): boolean {
    const { text } = this.#source;
    return text.slice(node.startIndex - node.startPosition.column, node.startIndex).trim() === "";
  }

  #textOf(node: Node): string {
    return this.#source.text.slice(node.startIndex, node.endIndex);
  }
}

const kindOf = ({ kind }: Item, isTest: boolean, isMember: boolean) =>
  kind !== "function" ? kind : isTest ? "test" : isMember ? "method" : kind;

const joined = (outer: string | null, inner: string | null | undefined) =>
  [outer, inner].filter((part) => part !== null && part !== undefined).join("::") || null;

/** A documentation comment ends at the start of the line after it. */
function lastLine(node: Node): number {
  const { row, column } = node.endPosition;
  return column === 0 && row > node.startPosition.row ? row : row + 1;
}
