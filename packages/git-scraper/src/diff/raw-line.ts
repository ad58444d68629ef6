import { unquotePath } from "./quoted-path.ts";

/** What one raw line of a diff says. */
export interface RawChange {
  /** git's letter: A, M, D, R, C or T. */
  status: string;
  /** Percent, for renames and copies. */
  similarity: number | undefined;
  oldMode: string;
  newMode: string;
  oldBlob: string;
  newBlob: string;
  /** Exact bytes of the path after the change (before it, for a deletion). */
  path: Buffer;
  /** Exact bytes of the path before a rename or copy. */
  oldPath: Buffer | undefined;
}

const TAB = 9;

/**
 * Parses `:<old mode> <new mode> <old id> <new id> <status>[score]<tab><path>[<tab><path>]`.
 *
 * @returns undefined if the line is not of that form.
 */
export function parseRawLine(line: Buffer): RawChange | undefined {
  const tab = line.indexOf(TAB);
  const head = line.toString("latin1", 1, tab);
  const [oldMode, newMode, oldBlob, newBlob, letter] = head.split(" ");
  if (tab < 0 || !oldMode || !newMode || !oldBlob || !newBlob || !letter) return undefined;
  const score = letter.slice(1);
  const second = line.indexOf(TAB, tab + 1);
  const first = line.subarray(tab + 1, second < 0 ? line.length : second);
  return {
    status: letter.charAt(0),
    similarity: score === "" ? undefined : Number(score),
    oldMode,
    newMode,
    oldBlob,
    newBlob,
    path: unquotePath(second < 0 ? first : line.subarray(second + 1)),
    oldPath: second < 0 ? undefined : unquotePath(first),
  };
}
