import { StageError } from "@repotune/schema";
import { CombinedHunk } from "./combined-hunk.ts";
import { END_MARKER } from "./command.ts";
import { Hunk, type HunkReader } from "./hunk.ts";
import { type PatchLimits, PatchText } from "./patch-text.ts";
import { unquotePath } from "./quoted-path.ts";
import { parseRawLine, type RawChange } from "./raw-line.ts";

/**
 * One file's change, with its patch: against the first parent, or, for a merge whose diff was asked
 * for as a combined one, against all its parents. Letter, old mode and old blob are then those of
 * the first parent, and the patch is in the combined format, which does not say whether a last line
 * ends in a line feed, nor what a deleted file held.
 */
export interface FileChange extends RawChange {
  /** Lines with a `+`; in a combined patch, those in at least one of its columns. */
  additions: number;
  /** Lines with a `-`; in a combined patch, those in at least one of its columns. */
  deletions: number;
  /**
   * Exact bytes; empty if there is none or it is left out. Often a view of the piece of output it
   * came in: whoever pushes pieces must leave them as they are for as long as the patch is used.
   */
  patch: Buffer;
  isBinary: boolean;
  isTruncated: boolean;
}

/** All changes of one commit. */
export interface CommitChanges {
  /** Its id; empty if git passed over it, which it does with what is no commit or missing. */
  commit: string;
  files: FileChange[];
  /** Bytes of the patches that were kept, for keeping an account of memory. */
  keptBytes: number;
}

const NO_PATCH = Buffer.alloc(0);

const LINE_FEED = 10;
const SPACE = 32;
const COLON = 58;

/** What the next whole line is, outside of hunks. */
type Expectation = "commit" | "raw" | "patch";

/**
 * Parses what `git diff-tree --stdin --raw -p` prints, with `-c --combined-all-paths` or without,
 * whatever way it arrives in pieces.
 *
 * Works on bytes. The counts of a hunk's header bound it, so that nothing a file contains can be
 * taken for structure.
 */
export class DiffParser {
  readonly #limits: PatchLimits;
  readonly #onCommit: (changes: CommitChanges) => void;
  #expectation: Expectation = "commit";
  /** Pieces of a structural line whose end has not arrived yet; joined once, as it may be long. */
  #carry: Buffer[] = [];
  #changes: CommitChanges = { commit: "", files: [], keptBytes: 0 };
  /** The change whose patch is read; -1 before the first. */
  #fileIndex = -1;
  /** Sections of the patch seen for this change: a change of type has two. */
  #sections = 0;
  #patch: PatchText | undefined;
  /** The hunk that is being read. */
  #hunk: HunkReader | undefined;
  readonly #onFault = (bytes: Buffer, at: number) => this.#fail(quote(bytes, at));

  constructor(limits: PatchLimits, onCommit: (changes: CommitChanges) => void) {
    this.#limits = limits;
    this.#onCommit = onCommit;
  }

  push(piece: Buffer): void {
    const isCarried = this.#carry.length > 0;
    if (isCarried && !this.#hunk && !piece.includes(LINE_FEED)) {
      this.#carry.push(piece);
      return;
    }
    const bytes = isCarried ? Buffer.concat([...this.#carry, piece]) : piece;
    this.#carry = [];
    let at = 0;
    /** From here on, bytes belong to the current patch and are not added to it yet. */
    let patchStart = 0;
    const closePatch = (end: number) => {
      if (this.#patch && end > patchStart) this.#patch.add(bytes.subarray(patchStart, end));
      patchStart = end;
    };
    while (at < bytes.length) {
      if (this.#hunk) {
        const next = this.#readHunk(this.#hunk, bytes, at);
        if (next < 0) break;
        at = next;
        continue;
      }
      const end = bytes.indexOf(LINE_FEED, at);
      if (end < 0) break;
      if (this.#expectation === "patch") {
        if (startsWith(bytes, at, "diff --")) {
          closePatch(at);
          this.#startSection(bytes.subarray(at, end));
          patchStart = at;
        } else if (startsWith(bytes, at, END_MARKER)) {
          closePatch(at);
          this.#endCommit();
        } else {
          this.#readPatchLine(bytes, at, end);
        }
      } else {
        this.#readHeadLine(bytes.subarray(at, end));
      }
      at = end + 1;
    }
    closePatch(at);
    if (at < bytes.length) this.#carry.push(Buffer.from(bytes.subarray(at)));
  }

  /** @throws {StageError} `E_GIT` unless the output ended with a whole answer. */
  end(): void {
    if (this.#expectation !== "commit" || this.#carry.length > 0)
      this.#fail("the end of the output");
  }

  /** Reads on in a hunk; -1 if that needs more bytes. */
  #readHunk(hunk: HunkReader, bytes: Buffer, start: number): number {
    const end = hunk.read(bytes, start);
    if (hunk.isOpen) return end > start ? end : -1;
    const file = this.#changes.files[this.#fileIndex];
    if (file) {
      file.additions += hunk.additions;
      file.deletions += hunk.deletions;
    }
    this.#hunk = undefined;
    return end;
  }

  /** A line before the patches of a commit: its id, its raw lines, and a blank line after them. */
  #readHeadLine(line: Buffer): void {
    const isEnd = line.length === END_MARKER.length && startsWith(line, 0, END_MARKER);
    if (this.#expectation === "commit") {
      const commit = isEnd ? "" : line.toString("latin1");
      this.#changes = { commit, files: [], keptBytes: 0 };
      this.#fileIndex = -1;
      this.#sections = 0;
      if (isEnd) this.#endCommit();
      else this.#expectation = "raw";
    } else if (line[0] === COLON) {
      const raw = parseRawLine(line) ?? this.#fail(quote(line, 0));
      this.#changes.files.push(untouched(raw));
    } else if (line.length === 0) {
      this.#expectation = "patch";
    } else if (isEnd) {
      this.#endCommit();
    } else {
      this.#fail(quote(line, 0));
    }
  }

  /** A line of a patch outside of hunks: only a hunk's header and the word on binaries matter. */
  #readPatchLine(bytes: Buffer, start: number, end: number): void {
    if (startsWith(bytes, start, "@@ ")) {
      this.#hunk = this.#openHunk(bytes.toString("latin1", start, Math.min(end, start + 100)));
    } else if (startsWith(bytes, start, "@@@")) {
      this.#hunk = this.#openCombinedHunk(bytes.toString("latin1", start, end));
    } else if (startsWith(bytes, start, "Binary files ")) {
      const file = this.#changes.files[this.#fileIndex];
      if (file) file.isBinary = true;
    }
  }

  #openHunk(header: string): Hunk {
    const counts = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(header);
    if (!counts) this.#fail(header);
    return new Hunk(Number(counts[1] ?? 1), Number(counts[2] ?? 1), this.#onFault);
  }

  /** Its header has an `@` and an old range more for every further parent: `@@@ -1,2 -1,2 +1,3 @@@`. */
  #openCombinedHunk(header: string): CombinedHunk {
    const [, marks, ranges = ""] =
      /^(@@@+) ((?:-\d+(?:,\d+)? )+\+\d+(?:,\d+)?) \1/.exec(header) ?? [];
    const counts = ranges.split(" ").map((range) => Number(range.split(",")[1] ?? 1));
    if (counts.length !== marks?.length) this.#fail(header.slice(0, 100));
    return new CombinedHunk(counts.slice(0, -1), counts.at(-1) ?? 0, this.#onFault);
  }

  /** Goes on to the change that the section of patch with this first line belongs to. */
  #startSection(line: Buffer): void {
    const current = this.#changes.files[this.#fileIndex];
    const isCombined = !startsWith(line, 0, "diff --git ");
    if (!isCombined && current?.status === "T" && this.#sections === 1) {
      this.#sections = 2;
      return;
    }
    this.#finishPatch();
    this.#fileIndex = isCombined ? this.#findCombined(line) : this.#fileIndex + 1;
    this.#sections = 1;
    if (this.#fileIndex >= this.#changes.files.length) this.#fail("a patch without a raw line");
    const { maxPatchBytes, maxCommitBytes } = this.#limits;
    const left = Math.max(0, maxCommitBytes - this.#changes.keptBytes);
    this.#patch = new PatchText(Math.min(maxPatchBytes, left));
  }

  /** Where nothing but the name differs, a combined diff has a raw line and no patch. */
  #findCombined(line: Buffer): number {
    const path = unquotePath(line.subarray(line.indexOf(SPACE, "diff --".length) + 1));
    let index = this.#fileIndex + 1;
    while (this.#changes.files[index]?.path.equals(path) === false) index += 1;
    return index;
  }

  #finishPatch(): void {
    const file = this.#changes.files[this.#fileIndex];
    if (!file || !this.#patch) return;
    file.isTruncated = this.#patch.isTruncated;
    if (!file.isTruncated) this.#changes.keptBytes += this.#patch.bytes;
    file.patch = this.#patch.take();
    this.#patch = undefined;
  }

  #endCommit(): void {
    this.#finishPatch();
    this.#expectation = "commit";
    this.#onCommit(this.#changes);
  }

  #fail(found: string): never {
    throw new StageError(
      "E_GIT",
      `git diff-tree printed something unexpected for commit ${this.#changes.commit || "?"}: ${found}`,
    );
  }
}

/** A change before its patch is read. Field by field: spreading took a fifth of all parsing. */
const untouched = (raw: RawChange): FileChange => ({
  status: raw.status,
  similarity: raw.similarity,
  oldMode: raw.oldMode,
  newMode: raw.newMode,
  oldBlob: raw.oldBlob,
  newBlob: raw.newBlob,
  otherOldBlobs: raw.otherOldBlobs,
  path: raw.path,
  oldPath: raw.oldPath,
  additions: 0,
  deletions: 0,
  patch: NO_PATCH,
  isBinary: false,
  isTruncated: false,
});

const startsWith = (bytes: Buffer, at: number, text: string) =>
  bytes[at] === text.charCodeAt(0) && bytes.toString("latin1", at, at + text.length) === text;

const quote = (bytes: Buffer, at: number) =>
  JSON.stringify(bytes.toString("latin1", at, Math.min(bytes.length, at + 80)));
