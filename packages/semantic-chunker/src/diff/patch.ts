/** A line of a hunk. */
export interface Row {
  sign: " " | "+" | "-";
  /** The line without its sign and line feed. */
  text: string;
  /** Line in the old file; for an added line, the one that follows it there. */
  old: number;
  /** Line in the new file; for a removed line, the one that follows it there. */
  new: number;
  /** Hunk it stands in, from 0. */
  hunk: number;
  /** Whether git says that no line feed follows it. */
  isUnterminated: boolean;
}

/**
 * A hunk's place. Its rows stand in {@link FilePatch.rows}.
 *
 * A side without lines starts at the line that follows, not, as in git's header, at the one before.
 */
export interface Hunk {
  oldStart: number;
  oldCount: number;
  newStart: number;
  newCount: number;
  /** What git printed behind the second `@@`: the line that it takes for the enclosing function. */
  heading: string;
  /** First row, and the one after the last. */
  start: number;
  end: number;
}

export interface FilePatch {
  hunks: Hunk[];
  rows: Row[];
}

const HEADER = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;

/**
 * Reads the hunks of one file's unified diff.
 *
 * The counts in a hunk's header bound it, so no line of content can be taken for structure.
 *
 * @returns undefined if a hunk has fewer lines than its header says, or one of no known sign.
 */
export function parsePatch(patch: string): FilePatch | undefined {
  const hunks: Hunk[] = [];
  const rows: Row[] = [];
  let at = 0;
  const nextLine = (): string | undefined => {
    if (at >= patch.length) return undefined;
    const end = patch.indexOf("\n", at);
    const line = patch.slice(at, end < 0 ? undefined : end);
    at = end < 0 ? patch.length : end + 1;
    return line;
  };
  for (let line = nextLine(); line !== undefined; line = nextLine()) {
    if (line.startsWith("\\")) {
      const last = rows.at(-1);
      if (last) last.isUnterminated = true;
      continue;
    }
    const header = HEADER.exec(line);
    if (!header) continue; // `Binary files …`, or the second section of a change of type.
    const [, oldStart, oldCount = "1", newStart, newCount = "1", heading = ""] = header;
    const hunk: Hunk = {
      oldStart: Number(oldStart) + (oldCount === "0" ? 1 : 0),
      oldCount: Number(oldCount),
      newStart: Number(newStart) + (newCount === "0" ? 1 : 0),
      newCount: Number(newCount),
      heading: heading.trim(),
      start: rows.length,
      end: rows.length,
    };
    let old = hunk.oldStart;
    let fresh = hunk.newStart;
    let oldLeft = hunk.oldCount;
    let newLeft = hunk.newCount;
    while (oldLeft > 0 || newLeft > 0) {
      const content = nextLine();
      if (content === undefined) return undefined;
      const sign = content === "" ? " " : content[0];
      if (sign === "\\") {
        const last = rows.at(-1);
        if (last) last.isUnterminated = true;
        continue;
      }
      if (sign !== " " && sign !== "+" && sign !== "-") return undefined;
      rows.push({
        sign,
        text: content.slice(1),
        old,
        new: fresh,
        hunk: hunks.length,
        isUnterminated: false,
      });
      if (sign !== "+") {
        old += 1;
        oldLeft -= 1;
      }
      if (sign !== "-") {
        fresh += 1;
        newLeft -= 1;
      }
      if (oldLeft < 0 || newLeft < 0) return undefined;
    }
    hunk.end = rows.length;
    hunks.push(hunk);
  }
  return { hunks, rows };
}

/** The text of a file that the patch adds (`+`) or removes (`-`) as a whole. */
export function wholeText(patch: FilePatch, sign: "+" | "-"): string {
  const lines = patch.rows.filter((row) => row.sign === sign);
  const text = lines.map((row) => row.text).join("\n");
  return lines.length === 0 || lines.at(-1)?.isUnterminated ? text : `${text}\n`;
}
