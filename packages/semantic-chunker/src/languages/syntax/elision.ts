import type { LineEdit } from "../../source/line-edits.ts";
import type { SourceText } from "../../source/source-text.ts";
import { SMALL_NODE } from "./cut-depths.ts";
import type { NodeList, Outline, OutlineNode } from "./outline.ts";
import { LONG_FUNCTION } from "./read-outline.ts";
import type { Syntax } from "./syntax.ts";

/** Lines of at least this many UTF-16 units are left out; a few are parsed faster than looked up. */
const MIN_LENGTH = 1024;

/** What stands for them: what holds it must not look small. */
const PADDING = " ".repeat(SMALL_NODE + 1);

/** What is known of a node before the text is parsed. */
const Known = {
  /** It is not in the text that is parsed. */
  elided: 0,
  /** It is there for its neighbours: it must be found again, and is as it was. */
  kept: 1,
  /** It is as it was but for the list of nodes in it. */
  opened: 2,
  /** Nothing: an edit touches it or lies right before it. */
  fresh: 3,
} as const;

/** What becomes of the nodes of a list. */
interface Plan {
  nodes: OutlineNode[];
  /** Line of the old text that theirs are counted from. */
  origin: number;
  /** A {@link Known} for each. */
  known: Uint8Array;
  /** Of those that are opened, by their index. */
  inner: Map<number, Plan>;
  /** Whether there may be further nodes at the end. */
  isOpenEnded: boolean;
}

/** A text that was parsed, with what was made of it. */
export interface ParsedText {
  source: SourceText;
  outline: Outline;
  /** As in `UnitMap.cuts`. */
  cuts: Uint8Array;
}

/**
 * A file's next version without what did not change.
 *
 * Whole nodes are left out, functions and statements of long ones; empty lines stand for theirs, so that all others keep
 * their numbers. Next to an edit, nodes are kept on either side: whether they are found again, where
 * they were, tells whether the edit changes more than its own place, as a brace that is not closed.
 * In a text without errors, what comes after a complete node is then read as if all of it were there.
 */
export class Elision {
  /** What is to be parsed. */
  readonly text: string;
  readonly #before: ParsedText;
  readonly #after: SourceText;
  readonly #edits: LineEdit[];
  readonly #syntax: Syntax;
  readonly #plan: Plan;
  /** First and last line, in the new text, of what is left out. */
  readonly #elided: [number, number][] = [];

  constructor(before: ParsedText, after: SourceText, edits: LineEdit[], syntax: Syntax) {
    this.#before = before;
    this.#after = after;
    this.#edits = edits;
    this.#syntax = syntax;
    const file = { first: 1, last: before.source.lineCount, nodes: before.outline.nodes };
    this.#plan = this.#planOf(file, 0, edits);
    this.text = this.#write();
  }

  /** Whether anything is left out. */
  get isUseful(): boolean {
    return this.#elided.length > 0;
  }

  /**
   * Puts what was known of the old text into what {@link Elision.text} was found to be.
   *
   * @param nodes of its outline.
   * @param cuts of its lines.
   * @returns undefined if nodes are not where they must be: the whole text has to be parsed.
   */
  complete(
    nodes: OutlineNode[],
    cuts: Uint8Array,
  ): { nodes: OutlineNode[]; cuts: Uint8Array } | undefined {
    const all = new Uint8Array(this.#after.lineCount + 1);
    all.set(cuts.subarray(0, all.length));
    const merged = this.#merge(this.#plan, nodes, 0, all);
    return merged && { nodes: merged, cuts: all };
  }

  #planOf(list: NodeList, origin: number, edits: LineEdit[]): Plan {
    const { nodes } = list;
    const known = new Uint8Array(nodes.length);
    const plan: Plan = { nodes, origin, known, inner: new Map(), isOpenEnded: false };
    const inside = this.#mark(plan, edits);
    this.#keepSome(plan);
    let line = origin + list.first - 1;
    for (let index = 0; index < nodes.length; index += 1) {
      if (known[index] === Known.elided) {
        index = this.#elide(plan, index, line, origin + list.last);
      } else if (known[index] === Known.opened) {
        const node = nodes[index] as OutlineNode;
        const within = inside.get(index) ?? [];
        const inner = this.#planOf(listOf(node) as NodeList, origin + node.first, within);
        plan.inner.set(index, inner);
      }
      line = Math.max(line, origin + (nodes[index]?.last ?? 0));
    }
    return plan;
  }

  /**
   * Marks the nodes that edits touch, and those beside them.
   *
   * @returns edits inside the nodes that are to be opened.
   */
  #mark(plan: Plan, edits: LineEdit[]): Map<number, LineEdit[]> {
    const { nodes, origin, known } = plan;
    const raise = (index: number, to: number) => {
      if (index >= 0 && index < known.length) known[index] = Math.max(known[index] ?? 0, to);
    };
    const inside = new Map<number, LineEdit[]>();
    let at = 0;
    /** The last node that is known to be fresh. */
    let reached = -1;
    for (const edit of edits) {
      while (at < nodes.length && origin + (nodes[at]?.last ?? 0) < edit.old) at += 1;
      let end = at;
      while (end < nodes.length && origin + (nodes[end]?.first ?? 0) < edit.oldEnd) end += 1;
      const node = nodes[at];
      if (node && end === at + 1 && this.#isInside(node, origin, edit)) {
        const others = inside.get(at);
        if (others) others.push(edit);
        else inside.set(at, [edit]);
        continue;
      }
      // Where white space closes a node, the one before may go on into the edit.
      const start = this.#syntax.isLayoutSensitive ? at - 1 : at;
      // The next one follows something else now; and so do others on its line.
      end = Math.max(end, reached);
      while (end + 1 < nodes.length && nodes[end + 1]?.first === nodes[end]?.last) end += 1;
      raise(start - 1, Known.kept);
      for (let index = Math.max(start, reached); index <= end; index += 1) {
        raise(index, Known.fresh);
      }
      raise(end + 1, Known.kept);
      reached = end;
      if (end >= nodes.length) plan.isOpenEnded = true;
    }
    for (const index of inside.keys()) raise(index, Known.opened);
    return inside;
  }

  /** Keeps what a parser cannot do without. */
  #keepSome({ nodes, known, origin }: Plan): void {
    for (const [index, node] of nodes.entries()) {
      if (known[index] !== Known.elided) continue;
      // Brackets; or, without them, what tells where the list begins and ends.
      const isEdge = origin > 0 && (index === 0 || index === nodes.length - 1);
      // What tells the file's modules stands among the imports.
      const isImport = node.role === "item" && node.item.kind === "use";
      if (isEdge || (isImport && this.#syntax.modulesOf)) known[index] = Known.kept;
    }
  }

  /**
   * Leaves out what can be of the nodes from `start` on; the others are kept.
   *
   * @param before line that is taken by what stands before them.
   * @param last line that they may take.
   * @returns index of the last of them.
   */
  #elide({ nodes, origin, known }: Plan, start: number, before: number, last: number): number {
    let end = start;
    while (end + 1 < nodes.length && known[end + 1] === Known.elided) end += 1;
    const limit = Math.min(last + 1, origin + (nodes[end + 1]?.first ?? Number.POSITIVE_INFINITY));
    let [from, to] = [start, end];
    const lineOf = (index: number, edge: "first" | "last") => origin + (nodes[index]?.[edge] ?? 0);
    while (from <= to && lineOf(from, "first") <= before) from += 1;
    while (to >= from && lineOf(to, "last") >= limit) to -= 1;
    const lines = [lineOf(from, "first"), lineOf(to, "last")] as const;
    if (from > to || this.#before.source.lengthOf(...lines) < MIN_LENGTH) from = to + 1;
    else this.#elided.push([this.#newLine(lines[0]), this.#newLine(lines[1])]);
    for (let index = start; index <= end; index += 1) {
      if (index < from || index > to) known[index] = Known.kept;
    }
    return end;
  }

  /** Whether an edit leaves a node as it is but for the list in it. */
  #isInside(node: OutlineNode, origin: number, { old, oldEnd }: LineEdit): boolean {
    const list = listOf(node);
    if (!list) return false;
    const first = origin + node.first + list.first;
    const last = origin + node.first + list.last;
    if (old < first || oldEnd > last + 1) return false;
    const [newFirst, newLast] = [this.#newLine(first - 1) + 1, this.#newLine(last + 1) - 1];
    const isFunction = node.role === "item" && !node.item.opens;
    if (isFunction && newLast - newFirst + 1 < LONG_FUNCTION) return false;
    // Small nodes are not looked into for places to cut; and one must not become such.
    return (
      this.#before.source.lengthOf(first, last) > SMALL_NODE &&
      this.#after.lengthOf(newFirst, newLast) > SMALL_NODE
    );
  }

  #merge(
    { nodes, origin, known, inner, isOpenEnded }: Plan,
    fresh: OutlineNode[],
    newOrigin: number,
    cuts: Uint8Array,
  ): OutlineNode[] | undefined {
    const merged: OutlineNode[] = [];
    let next = 0;
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[index] as OutlineNode;
      const first = origin + node.first;
      if (known[index] === Known.fresh) {
        if (known[index + 1] === Known.fresh) continue;
        const after = nodes[index + 1];
        const place = after && this.#placeOf(after, origin, newOrigin, known[index + 1]);
        for (; next < fresh.length; next += 1) {
          const found = fresh[next] as OutlineNode;
          if (after && place && isAt(found, after, place)) break;
          merged.push(found);
        }
        continue;
      }
      const place = this.#placeOf(node, origin, newOrigin, known[index]);
      if (known[index] !== Known.elided) {
        const found = fresh[next];
        if (!found || !isAt(found, node, place)) return undefined;
        next += 1;
        const plan = inner.get(index);
        if (plan) {
          const [oldList, list] = [listOf(node), listOf(found)];
          if (!oldList || !list || !("list" in found)) return undefined;
          const inside = this.#merge(plan, list.nodes, newOrigin + found.first, cuts);
          if (!inside) return undefined;
          merged.push({ ...found, list: { ...list, nodes: inside } });
          this.#copyCuts(first, first + oldList.first - 1, cuts);
          this.#copyCuts(first + oldList.last + 1, origin + node.last, cuts);
          continue;
        }
      }
      merged.push({ ...node, ...place });
      this.#copyCuts(first, origin + node.last, cuts);
    }
    if (next < fresh.length && !isOpenEnded) return undefined;
    for (; next < fresh.length; next += 1) merged.push(fresh[next] as OutlineNode);
    return merged;
  }

  /** Where a node must be found, counted from `newOrigin`. */
  #placeOf(node: OutlineNode, origin: number, newOrigin: number, known: number | undefined) {
    const last = origin + node.last;
    // Without a brace, the last line of one that is opened may have been edited.
    const isEdited = known === Known.opened && node.first + (listOf(node)?.last ?? 0) === node.last;
    return {
      first: this.#newLine(origin + node.first) - newOrigin,
      last: (isEdited ? this.#newLine(last + 1) - 1 : this.#newLine(last)) - newOrigin,
    };
  }

  /** Copies what is known of some old lines that were not edited. */
  #copyCuts(first: number, last: number, cuts: Uint8Array): void {
    if (last < first) return;
    cuts.set(this.#before.cuts.subarray(first, last + 1), this.#newLine(first));
  }

  /** Where a line of the old text that was not edited is in the new one. */
  #newLine(line: number): number {
    let low = 0;
    let high = this.#edits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#edits[middle]?.oldEnd ?? 0) <= line) low = middle + 1;
      else high = middle;
    }
    const last = this.#edits[low - 1];
    return last ? line + last.newEnd - last.oldEnd : line;
  }

  #write(): string {
    const { text } = this.#after;
    let result = "";
    let from = 0;
    for (const [first, last] of this.#elided) {
      result += text.slice(from, this.#after.offsetOf(first));
      result += PADDING + "\n".repeat(last - first + 1);
      from = this.#after.offsetOf(last + 1);
    }
    return result + text.slice(from);
  }
}

/** The list in a node whose other lines are all unlike those of the list. */
function listOf(node: OutlineNode): NodeList | undefined {
  const list = "list" in node ? node.list : null;
  return list && list.first <= list.last ? list : undefined;
}

const isAt = (
  found: OutlineNode,
  node: OutlineNode,
  { first, last }: { first: number; last: number },
) => found.role === node.role && found.first === first && found.last === last;
