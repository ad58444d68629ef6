import type { SourceText } from "../../source/source-text.ts";
import { NO_UNIT, type Unit, type UnitMap } from "../../source/unit.ts";
import { UnitPainter } from "../../source/unit-painter.ts";
import { LineMark, LooseLines } from "./loose-lines.ts";
import type { Outline, OutlineNode } from "./outline.ts";
import { Pending } from "./pending.ts";
import type { Item, Syntax } from "./syntax.ts";

/** Where items are looked for. */
interface Place {
  /** The type, trait or suite that items would be members of; null in a module. */
  container: string | null;
  /** Whether they only run under test. */
  isTest: boolean;
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
}

/**
 * Cuts a file into the items of its outline.
 *
 * Attributes, documentation and comments that stand right before an item are part of it. A class,
 * an `impl`, a trait or a module is a unit of its own without its functions (without all items, for
 * a module), which follow as further units; so signatures and fields stay with their type. Imports
 * that follow one another are one unit. What lies between items is left to {@link LooseLines}. A
 * syntax error stays local: the items around it are found.
 *
 * @returns undefined if most of the file lies in no item.
 */
export const cutOutline = (
  outline: Outline,
  source: SourceText,
  syntax: Syntax,
): UnitMap | undefined => new OutlineCutter(source, syntax).cut(outline);

class OutlineCutter {
  readonly #source: SourceText;
  readonly #syntax: Syntax;
  readonly #painter: UnitPainter;
  readonly #loose: LooseLines;
  #hasItems = false;
  #lastUse: { index: number; holder: number; last: number } | undefined;

  constructor(source: SourceText, syntax: Syntax) {
    this.#source = source;
    this.#syntax = syntax;
    this.#painter = new UnitPainter(source);
    this.#loose = new LooseLines(source);
  }

  cut({ nodes, modules, isError }: Outline): UnitMap | undefined {
    const { lineCount } = this.#source;
    if (modules.length > 0) this.#loose.enter(modules, 1, lineCount);
    this.#walk(nodes, 0, {
      scope: modules,
      variant: "",
      container: null,
      holder: NO_UNIT,
      isTest: false,
      isMembersOnly: false,
      isSuite: false,
      isError,
      first: 1,
      last: lineCount,
    });
    return this.#loose.paint(this.#painter) ? this.#painter.finish() : undefined;
  }

  /** @param origin line that those of `nodes` are counted from. */
  #walk(nodes: OutlineNode[], origin: number, place: Place): void {
    const pending = new Pending();
    for (const node of nodes) {
      const [first, last] = [origin + node.first, origin + node.last];
      if (node.role === "comment") {
        const { startsLine, isInner, isOuter } = node;
        if (startsLine) this.#loose.mark(first, last, isInner ? LineMark.docs : LineMark.comment);
        if (isInner) pending.clear();
        else if (startsLine) pending.add(first, last, isOuter);
        continue;
      }
      if (node.role === "prefix") {
        pending.add(first, last, true, node.text);
        continue;
      }
      if (node.role === "docs") this.#loose.mark(first, last, LineMark.docs);
      else if (node.role === "rest") this.#addRest(node, first, last, place);
      else this.#addItem(node, first, last, pending, place);
      pending.clear();
    }
  }

  /** Takes what is no item itself: errors, blocks with items in them, and statements. */
  #addRest(node: Role<"rest">, first: number, last: number, place: Place): void {
    const { what, list, isMembersOnly } = node;
    const isError = what === "error";
    if (isError) this.#loose.doubt(first, last);
    else if (!place.isError && what === "statement" && (list || this.#syntax.hasStatements)) {
      this.#loose.mark(first, last, LineMark.statement);
    }
    if (!list) return;
    this.#walk(list.nodes, first, {
      ...place,
      isMembersOnly: place.isMembersOnly || isMembersOnly,
      isError: place.isError || isError,
    });
  }

  #addItem(
    { item, list }: Role<"item">,
    line: number,
    last: number,
    pending: Pending,
    place: Place,
  ): void {
    const { scope, holder } = place;
    if (this.#syntax.hasFileHeader && !this.#hasItems && item.kind === "use") pending.clear();
    const first = pending.firstLineOf(line);
    if (first < place.first || last > place.last) return;
    if (place.isMembersOnly && !item.isMember) return;
    if (item.kind === "use" && this.#extendUse(first, last, holder)) return;

    const mark = this.#syntax.markOf?.(pending.attributes);
    const isTestItem = isTestIn(place, item) || mark === "test";
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
    if (!list || !item.opens || this.#painter.ownerOf(first) !== index) return;

    const { isTest, name } = unit;
    const lines = { first: line + list.first, last: line + list.last };
    const inside = { ...place, ...lines, isTest, variant, holder: index };
    if (item.opens !== "module") {
      const around = joined(unit.container, name);
      const isSuite = item.opens === "suite";
      const isMembersOnly = around !== null;
      this.#walk(list.nodes, line, { ...inside, container: around, isSuite, isMembersOnly });
      return;
    }
    const modules = name === null ? unit.scope : [...unit.scope, name];
    this.#painter.release(index, lines.first, lines.last);
    this.#loose.enter(modules, lines.first, lines.last);
    const free = { container: null, isMembersOnly: false, isSuite: false, holder: NO_UNIT };
    this.#walk(list.nodes, line, { ...inside, ...free, scope: modules });
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
}

type Role<R extends OutlineNode["role"]> = Extract<OutlineNode, { role: R }>;

function isTestIn({ container, isTest }: Place, item: Pick<Item, "isTest">): boolean {
  if (typeof item.isTest === "boolean" || !item.isTest) return item.isTest ?? false;
  return isTest || (item.isTest === "unless_member" && container === null);
}

const kindOf = ({ kind }: Pick<Item, "kind">, isTest: boolean, isMember: boolean) =>
  kind !== "function" ? kind : isTest ? "test" : isMember ? "method" : kind;

const joined = (outer: string | null, inner: string | null | undefined) =>
  [outer, inner].filter((part) => part !== null && part !== undefined).join("::") || null;
