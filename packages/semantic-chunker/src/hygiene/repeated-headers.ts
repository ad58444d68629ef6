import type { FileHeader } from "./licence-header.ts";
import { textHash } from "./text-hash.ts";

/** In how many files a header stands before it counts as repeated. */
const MIN_FILES = 5;
/** A single line may be an instruction to a tool. */
const MIN_LINES = 2;
/** Headers remembered, about 100 bytes each; in a history with more, later ones are not counted. */
const MAX_HEADERS = 100_000;

/** Knows in which files of a history each header was seen. */
export class RepeatedHeaders {
  /** Files by header: hashes of paths, or `undefined` once there are enough. */
  readonly #files = new Map<string, Set<string> | undefined>();

  /**
   * Whether a header is a licence, or stands in at least five files so far. The first four are left
   * alone, because what comes later in the history is not known.
   */
  isBoilerplate(header: FileHeader, path: string): boolean {
    if (header.isLicence) return true;
    if (header.count < MIN_LINES || header.words === "") return false;
    const key = textHash(header.words).join();
    const files = this.#files.get(key);
    if (!files) {
      if (this.#files.has(key)) return true;
      if (this.#files.size < MAX_HEADERS) this.#files.set(key, new Set([textHash(path).join()]));
      return false;
    }
    files.add(textHash(path).join());
    if (files.size < MIN_FILES) return false;
    this.#files.set(key, undefined);
    return true;
  }
}
