import { StageError } from "@repotune/schema";
import { END_MARKER } from "./command.ts";
import { type PatchLimits, PatchText } from "./patch-text.ts";
import { parseRawLine, type RawChange } from "./raw-line.ts";

/** One file's change, with its patch. */
export interface FileChange extends RawChange {
  additions: number;
  deletions: number;
  /**
   * Exact bytes; empty if there is none or it is left out. Often a view of the piece of output it
   * came in: whoever pushes pieces must not reuse their memory (Node's streams never do).
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
const PLUS = 43;
const MINUS = 45;
const COLON = 58;
const BACKSLASH = 92;

/** What the next whole line is, outside of hunks. */
type Expectation = "commit" | "raw" | "patch";

/**
 * Parses what `git diff-tree --stdin --raw -p` prints, whatever way it arrives in pieces.
 *
 * Works on bytes. The counts of a hunk's header bound it, and inside only the first byte of each
 * line is looked at, so that nothing a file contains can be taken for structure. A line inside a
 * hunk that is split between pieces is not put together: a line of 5 MB costs 5 MB.
 */
export class DiffParser {
  readonly #limits: PatchLimits;
  readonly #onCommit: (changes: CommitChanges) => void;
  #expectation: Expectation = "commit";
  /** A structural line whose end has not arrived yet. */
  #carry: Buffer | undefined;
  #changes: CommitChanges = { commit: "", files: [], keptBytes: 0 };
  /** The change whose patch is read; -1 before the first. */
  #fileIndex = -1;
  /** Sections of the patch seen for this change: a change of type has two. */
  #sections = 0;
  #patch: PatchText | undefined;
  /** Lines of the hunk still to come, on either side. */
  #oldLines = 0;
  #newLines = 0;
  /** Whether the first byte of a hunk's line was seen, but not yet its end. */
  #isMidLine = false;

  constructor(limits: PatchLimits, onCommit: (changes: CommitChanges) => void) {
    this.#limits = limits;
    this.#onCommit = onCommit;
  }

  push(piece: Buffer): void {
    const bytes = this.#carry ? Buffer.concat([this.#carry, piece]) : piece;
    this.#carry = undefined;
    let at = 0;
    /** From here on, bytes belong to the current patch and are not added to it yet. */
    let patchStart = 0;
    const closePatch = (end: number) => {
      if (this.#patch && end > patchStart) this.#patch.add(bytes.subarray(patchStart, end));
      patchStart = end;
    };
    while (at < bytes.length) {
      if (this.#oldLines > 0 || this.#newLines > 0 || this.#isMidLine) {
        at = this.#readHunk(bytes, at);
        continue;
      }
      const end = bytes.indexOf(LINE_FEED, at);
      if (end < 0) break;
      if (this.#expectation === "patch") {
        if (startsWith(bytes, at, "diff --git ")) {
          closePatch(at);
          this.#startSection();
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
    if (at < bytes.length) this.#carry = Buffer.from(bytes.subarray(at));
  }

  /** @throws {StageError} `E_GIT` unless the output ended with a whole answer. */
  end(): void {
    if (this.#expectation !== "commit" || this.#carry) this.#fail("the end of the output");
  }

  /** Reads on in a hunk until it is complete or the bytes are used up. */
  #readHunk(bytes: Buffer, start: number): number {
    let at = start;
    let additions = 0;
    let deletions = 0;
    while (at < bytes.length && (this.#oldLines > 0 || this.#newLines > 0 || this.#isMidLine)) {
      if (!this.#isMidLine) {
        const first = bytes[at];
        if (first === PLUS) {
          this.#newLines -= 1;
          additions += 1;
        } else if (first === MINUS) {
          this.#oldLines -= 1;
          deletions += 1;
        } else if (first === SPACE) {
          this.#oldLines -= 1;
          this.#newLines -= 1;
        } else if (first !== BACKSLASH) {
          this.#fail(quote(bytes, at));
        }
      }
      const end = bytes.indexOf(LINE_FEED, at);
      this.#isMidLine = end < 0;
      at = end < 0 ? bytes.length : end + 1;
    }
    const file = this.#changes.files[this.#fileIndex];
    if (file) {
      file.additions += additions;
      file.deletions += deletions;
    }
    return at;
  }

  /** A line before the patches of a commit: its id, its raw lines, and a blank line after them. */
  #readHeadLine(line: Buffer): void {
    const isEnd = line.toString("latin1", 0, END_MARKER.length + 1) === END_MARKER;
    if (this.#expectation === "commit") {
      const commit = isEnd ? "" : line.toString("latin1");
      this.#changes = { commit, files: [], keptBytes: 0 };
      this.#fileIndex = -1;
      this.#sections = 0;
      if (isEnd) this.#endCommit();
      else this.#expectation = "raw";
    } else if (line[0] === COLON) {
      const raw = parseRawLine(line) ?? this.#fail(quote(line, 0));
      const counts = { additions: 0, deletions: 0 };
      const flags = { isBinary: false, isTruncated: false };
      this.#changes.files.push({ ...raw, ...counts, patch: NO_PATCH, ...flags });
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
      const header = bytes.toString("latin1", start, Math.min(end, start + 100));
      const counts = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(header);
      if (!counts) this.#fail(header);
      this.#oldLines = Number(counts[1] ?? 1);
      this.#newLines = Number(counts[2] ?? 1);
    } else if (startsWith(bytes, start, "Binary files ")) {
      const file = this.#changes.files[this.#fileIndex];
      if (file) file.isBinary = true;
    }
  }

  /** Goes on to the change that the next section of patch belongs to. */
  #startSection(): void {
    const current = this.#changes.files[this.#fileIndex];
    if (current?.status === "T" && this.#sections === 1) {
      this.#sections = 2;
      return;
    }
    this.#finishPatch();
    this.#fileIndex += 1;
    this.#sections = 1;
    if (this.#fileIndex >= this.#changes.files.length) this.#fail("a patch without a raw line");
    const { maxPatchBytes, maxCommitBytes } = this.#limits;
    const left = Math.max(0, maxCommitBytes - this.#changes.keptBytes);
    this.#patch = new PatchText(Math.min(maxPatchBytes, left));
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

const startsWith = (bytes: Buffer, at: number, text: string) =>
  bytes[at] === text.charCodeAt(0) && bytes.toString("latin1", at, at + text.length) === text;

const quote = (bytes: Buffer, at: number) =>
  JSON.stringify(bytes.toString("latin1", at, Math.min(bytes.length, at + 80)));
