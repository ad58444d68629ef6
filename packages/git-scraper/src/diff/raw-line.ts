import { unquotePath } from "./quoted-path.ts";

/** What one raw line of a diff says. */
export interface RawChange {
  /** git's letter: A, M, D, R, C or T; in a combined diff the one for the first parent. */
  status: string;
  /** Percent, for renames and copies; a combined diff does not say. */
  similarity: number | undefined;
  oldMode: string;
  newMode: string;
  oldBlob: string;
  newBlob: string;
  /** In a combined diff, the blob in each parent but the first; empty otherwise. */
  otherOldBlobs: readonly string[];
  /** Exact bytes of the path after the change (before it, for a deletion). */
  path: Buffer;
  /** Exact bytes of the path before a rename or copy; in a combined diff, in the first parent. */
  oldPath: Buffer | undefined;
}

const COLON = 58;
const TAB = 9;
const NONE: readonly string[] = [];

/**
 * Parses `:<old mode> <new mode> <old id> <new id> <status>[score]<tab><path>[<tab><path>]`, or
 * the line of a combined diff (gitformat-diff, `--combined-all-paths`), which has as many colons as
 * there are parents, that many old modes, old ids, letters and old paths, and no score.
 *
 * @returns undefined if the line is of neither form.
 */
export function parseRawLine(line: Buffer): RawChange | undefined {
  if (line[1] === COLON) return parseCombinedRawLine(line);
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
    otherOldBlobs: NONE,
    path: unquotePath(second < 0 ? first : line.subarray(second + 1)),
    oldPath: second < 0 ? undefined : unquotePath(first),
  };
}

function parseCombinedRawLine(line: Buffer): RawChange | undefined {
  const [head = "", ...names] = line.toString("latin1").split("\t");
  const parents = head.lastIndexOf(":") + 1;
  const words = head.slice(parents).split(" ");
  const modes = words.slice(0, parents + 1);
  const blobs = words.slice(parents + 1, -1);
  const letters = words.at(-1) ?? "";
  const [oldMode, newMode] = [modes[0], modes[parents]];
  const [oldBlob, newBlob] = [blobs[0], blobs[parents]];
  const isWhole = blobs.length === parents + 1 && letters.length === parents;
  if (!isWhole || names.length !== parents + 1) return undefined;
  if (!oldMode || !newMode || !oldBlob || !newBlob) return undefined;
  const status = letters.charAt(0);
  const pathOf = (name = "") => unquotePath(Buffer.from(name, "latin1"));
  return {
    status,
    similarity: undefined,
    oldMode,
    newMode,
    oldBlob,
    newBlob,
    otherOldBlobs: blobs.slice(1, -1),
    path: pathOf(names.at(-1)),
    oldPath: status === "R" || status === "C" ? pathOf(names[0]) : undefined,
  };
}
