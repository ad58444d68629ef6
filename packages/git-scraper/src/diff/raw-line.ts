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

/** What stands before the first tab of an ordinary line. */
const headPattern =
  /^:([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (?:([AMDT])|([RC])(\d{3}))$/;

/** The same for a combined line: colons, modes, ids, letters. */
const combinedHeadPattern = /^(:{2,})((?:[0-7]{6} )+)((?:[0-9a-f]{40,64} )+)([AMDRCT]+)$/;

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
  const head = headPattern.exec(line.toString("latin1", 0, Math.max(tab, 0)));
  if (!head) return undefined;
  // By number: taking an array apart in order goes through an iterator, and there are many lines.
  const { 1: oldMode = "", 2: newMode = "", 3: oldBlob = "", 4: newBlob = "" } = head;
  const { 5: letter, 6: moved, 7: score } = head;
  const second = line.indexOf(TAB, tab + 1);
  if (second < 0 !== (moved === undefined)) return undefined;
  const first = line.subarray(tab + 1, second < 0 ? line.length : second);
  return {
    status: letter ?? moved ?? "",
    similarity: score === undefined ? undefined : Number(score),
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
  const [, colons = "", modeList = "", blobList = "", letters = ""] =
    combinedHeadPattern.exec(head) ?? [];
  const parents = colons.length;
  const modes = modeList.trimEnd().split(" ");
  const blobs = blobList.trimEnd().split(" ");
  const counts = [modes.length - 1, blobs.length - 1, letters.length, names.length - 1];
  if (parents === 0 || counts.some((count) => count !== parents)) return undefined;
  const [oldMode = "", newMode = ""] = [modes[0], modes[parents]];
  const [oldBlob = "", newBlob = ""] = [blobs[0], blobs[parents]];
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
