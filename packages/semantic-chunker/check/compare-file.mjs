import { hunkOf } from "./git-changes.mjs";
import { isLine } from "./masks.mjs";

/** What the chunks of one file change say, put together. */
export class FileCheck {
  /** Lines as the chunks have them, by number. */
  removed = new Map();
  added = new Map();
  /** Whether a chunk says that no line feed follows the last line. */
  isOpen = false;

  constructor(change) {
    this.change = change;
  }

  /** Takes a row of a chunk's patch. @returns what is wrong with it, or undefined. */
  take({ sign, text, old, new: fresh, isOpen }) {
    if (sign === " ") {
      const shown = this.change.context.get(fresh);
      return shown?.old === old && isLine(text, shown.text) ? undefined : "context not in the diff";
    }
    const [real, taken, line] =
      sign === "-"
        ? [this.change.removed, this.removed, old]
        : [this.change.added, this.added, fresh];
    const expected = real.get(line);
    if (expected === undefined) return "a line that git does not show changed";
    if (!isLine(text, expected)) return "a line with another text";
    if (taken.has(line)) return "a line that another chunk has";
    taken.set(line, text);
    if (sign === "+" && isOpen) this.isOpen = true;
    return undefined;
  }

  /** Changed lines, and those of them that no chunk has. */
  get lines() {
    return this.change.removed.size + this.change.added.size;
  }
  get missing() {
    return this.lines - this.removed.size - this.added.size;
  }

  /**
   * The new file: the old one without the lines that chunks remove, with those that they add in
   * their places. A mask in an added line stays.
   */
  rebuild(oldText) {
    const old = linesOf(oldText);
    const lines = [];
    let next = 1;
    let kept = 0;
    for (;;) {
      while (this.removed.has(next)) next += 1;
      const number = lines.length + 1;
      if (this.added.has(number)) lines.push(this.added.get(number));
      else if (next <= old.length) {
        kept = next++;
        lines.push(old[kept - 1]);
      } else break;
    }
    if (lines.length === 0) return "";
    // A line that only lost its line feed counts as changed: an unchanged one ends as it did.
    const isOpen = this.added.has(lines.length)
      ? this.isOpen
      : kept === old.length && !oldText.endsWith("\n");
    return lines.join("\n") + (isOpen ? "" : "\n");
  }
}

/** The lines of a text, each closed by a line feed, save perhaps the last. */
export function linesOf(text) {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The rows of a chunk's patch by hunk; undefined if it is not well formed. */
export function hunksOf(patch) {
  const hunks = [];
  let hunk;
  for (const line of patch.split("\n").slice(0, -1)) {
    const isInside = hunk && (hunk.oldLeft > 0 || hunk.newLeft > 0);
    const sign = line[0];
    if (sign === "\\") {
      const last = hunk?.rows.at(-1);
      if (last) last.isOpen = true;
      continue;
    }
    if (!isInside) {
      hunk = hunkOf(line);
      if (!hunk) return undefined;
      hunk.rows = [];
      hunks.push(hunk);
      continue;
    }
    if (sign !== " " && sign !== "+" && sign !== "-") return undefined;
    hunk.rows.push({ sign, text: line.slice(1), old: hunk.old, new: hunk.new, isOpen: false });
    if (sign !== "+") [hunk.old, hunk.oldLeft] = [hunk.old + 1, hunk.oldLeft - 1];
    if (sign !== "-") [hunk.new, hunk.newLeft] = [hunk.new + 1, hunk.newLeft - 1];
  }
  return hunk && (hunk.oldLeft !== 0 || hunk.newLeft !== 0) ? undefined : hunks;
}
