import { StageError } from "@repotune/schema";

/** A merge that was repeated: paths that conflict, as exact bytes and in order; none if clean. */
export type ConflictedPaths = Buffer[];

const CLEAN = "1";
const CONFLICTED = "0";

/**
 * Cuts the output of `git merge-tree --stdin -z --name-only --no-messages` into answers, whatever
 * way it arrives in pieces: each is a status, a tree, the paths that conflict and an empty field,
 * all closed by NUL bytes.
 */
export class MergeTreeParser {
  readonly #onAnswer: (paths: ConflictedPaths) => void;
  /** Pieces of a field whose end has not arrived yet; joined once, as it may be long. */
  #carry: Buffer[] = [];
  /** Fields of an answer before its paths that were seen. */
  #seen = 0;
  #paths: ConflictedPaths = [];

  constructor(onAnswer: (paths: ConflictedPaths) => void) {
    this.#onAnswer = onAnswer;
  }

  push(piece: Buffer): void {
    if (!piece.includes(0)) {
      this.#carry.push(piece);
      return;
    }
    const bytes = this.#carry.length > 0 ? Buffer.concat([...this.#carry, piece]) : piece;
    let start = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      this.#readField(bytes.subarray(start, end));
      start = end + 1;
    }
    this.#carry = start < bytes.length ? [Buffer.from(bytes.subarray(start))] : [];
  }

  #readField(field: Buffer): void {
    if (this.#seen === 0) {
      const status = field.toString("latin1");
      if (status !== CLEAN && status !== CONFLICTED) {
        const shown = JSON.stringify(status.slice(0, 80));
        throw new StageError("E_GIT", `git merge-tree answered ${shown}.`);
      }
      this.#seen = 1;
    } else if (this.#seen === 1) {
      this.#seen = 2;
    } else if (field.length > 0) {
      this.#paths.push(Buffer.from(field));
    } else {
      const paths = this.#paths;
      this.#paths = [];
      this.#seen = 0;
      this.#onAnswer(paths);
    }
  }
}
