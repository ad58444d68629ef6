import type { Node } from "web-tree-sitter";
import type { SourceText } from "../../source/source-text.ts";
import { type Degradation, NO_UNIT, type UnitMap } from "../../source/unit.ts";
import { UnitPainter } from "../../source/unit-painter.ts";
import { isCfgTest, isTestAttribute } from "./attributes.ts";
import { containerName, describeItem, type Item } from "./items.ts";
import { LineMark, LooseLines } from "./loose-lines.ts";
import { Pending } from "./pending.ts";

/** More nested modules than anyone writes; deeper ones stay whole. */
const MAX_DEPTH = 32;

/** Where items are looked for. */
interface Place {
  /** Modules around it, within the file. */
  scope: readonly string[];
  /** The type or trait whose members are looked for; null in a module. */
  container: string | null;
  /** Unit that has the lines so far, as an index. */
  holder: number;
  isTest: boolean;
  /** Lines in which items may lie; those of the braces are the container's. */
  first: number;
  last: number;
  depth: number;
}

/**
 * Cuts a file's syntax tree into items.
 *
 * Attributes, documentation and comments that stand right before an item are part of it. An `impl`,
 * a trait or a module is a unit of its own without its functions (without all items, for a module),
 * which follow as further units; so signatures and associated types stay with their trait. `use`
 * declarations that follow one another are one unit. What lies between items is left to
 * {@link LooseLines}. A syntax error stays local: the items around it are found.
 */
export function cutTree(root: Node, source: SourceText): UnitMap | Degradation {
  const cutter = new TreeCutter(source);
  return cutter.cut(root);
}

class TreeCutter {
  readonly #source: SourceText;
  readonly #painter: UnitPainter;
  readonly #loose: LooseLines;
  /** A failed parse gives a node as many children as it has characters: slow to walk, for nothing. */
  readonly #maxChildren: number;
  #lastUse: { index: number; holder: number; last: number } | undefined;

  constructor(source: SourceText) {
    this.#source = source;
    this.#painter = new UnitPainter(source);
    this.#loose = new LooseLines(source);
    this.#maxChildren = 4 * source.lineCount + 64;
  }

  cut(root: Node): UnitMap | Degradation {
    const { lineCount } = this.#source;
    const place = { scope: [], container: null, holder: NO_UNIT, isTest: false, depth: 0 };
    this.#walk(root, { ...place, first: 1, last: lineCount });
    if (!this.#loose.paint(this.#painter)) return "not_parsed";
    return this.#painter.finish();
  }

  /** Finds the items among the children of `parent`. */
  #walk(parent: Node, place: Place): void {
    if (parent.childCount > this.#maxChildren) return;
    const pending = new Pending();
    for (const node of parent.children) {
      const first = node.startPosition.row + 1;
      const last = lastLine(node);
      switch (node.type) {
        case "line_comment":
        case "block_comment": {
          const opening = this.#source.text.slice(node.startIndex, node.startIndex + 4);
          const isInner = /^\/[/*]!/.test(opening);
          if (this.#startsLine(node)) {
            this.#loose.mark(first, last, isInner ? LineMark.docs : LineMark.comment);
          }
          if (isInner) pending.clear();
          else pending.add(first, last, /^\/(\/\/(?!\/)|\*\*(?![*/]))/.test(opening));
          break;
        }
        case "inner_attribute_item":
          this.#loose.mark(first, last, LineMark.docs);
          pending.clear();
          break;
        case "attribute_item":
          pending.add(first, last, true, this.#textOf(node));
          break;
        case "ERROR":
          pending.clear();
          if (place.depth < MAX_DEPTH) this.#walk(node, { ...place, depth: place.depth + 1 });
          break;
        default: {
          const item = describeItem(node, this.#source.text);
          if (item) this.#addItem(node, item, pending, place);
          pending.clear();
        }
      }
    }
  }

  #addItem(node: Node, item: Item, pending: Pending, place: Place): void {
    const { scope, container, holder } = place;
    const first = pending.firstLineOf(node.startPosition.row + 1);
    const last = lastLine(node);
    if (first < place.first || last > place.last) return;
    if (container !== null && node.type !== "function_item") return;
    if (item.kind === "use" && this.#extendUse(first, last, holder)) return;

    const { attributes } = pending;
    const isTestItem = item.holdsTests || isTestAttribute(attributes);
    const unit = {
      kind: kindOf(item, isTestItem, container !== null),
      name: item.name,
      scope,
      container,
      isTest: place.isTest || isTestItem || isCfgTest(attributes),
      section: null,
      // An attribute makes a function a test, but not another function.
      key: [item.kind, scope.join("::"), container ?? "", item.name ?? ""].join("\0"),
      first,
      last,
    };
    const index = this.#painter.add(unit, holder);
    if (item.kind === "use") this.#lastUse = { index, holder, last };
    if (this.#painter.ownerOf(first) === index) this.#addMembers(node, item, index, unit, place);
  }

  #addMembers(
    node: Node,
    item: Item,
    index: number,
    { isTest }: { isTest: boolean },
    { scope, depth }: Place,
  ): void {
    const body = item.hasMembers ? node.childForFieldName("body") : null;
    if (!body || depth >= MAX_DEPTH) return;
    const first = body.startPosition.row + 2;
    const last = lastLine(body) - 1;
    if (last < first) return;
    const inside = { isTest, first, last, depth: depth + 1 };
    if (node.type !== "mod_item") {
      const container = containerName(node, this.#source.text);
      this.#walk(body, { ...inside, scope, container, holder: index });
      return;
    }
    const inner = [...scope, item.name ?? ""];
    this.#painter.release(index, first, last);
    this.#loose.enter(inner, first, last);
    this.#walk(body, { ...inside, scope: inner, container: null, holder: NO_UNIT });
  }

  /** Adds a `use` declaration to the group before it, if only blank lines lie between. */
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

/** A documentation comment ends at the start of the line after it. */
function lastLine(node: Node): number {
  const { row, column } = node.endPosition;
  return column === 0 && row > node.startPosition.row ? row : row + 1;
}
