import { posix } from "node:path";
import type { Commit } from "@repotune/schema";

/** File names that attributes lead to, and files that hold them for each, that are remembered. */
const MAX_NAMES = 4096;
const MAX_FILES = 64;

/** Longer patches, in UTF-16 units, are not of code that people wrote, and cost time. */
const MAX_PATCH = 1 << 20;

/** `path = "…"` in an attribute: `#[path = "…"]` or `#[cfg_attr(unix, path = "…")]`. */
const ATTRIBUTE = /\bpath\s*=\s*"([^"\n]{1,500}\.rs)"/g;

/**
 * Knows the Rust files that may hold a `#[path]` attribute leading to a file of a certain name: all
 * whose patches in the history so far show one.
 */
export class PathAttributes {
  readonly #holders = new Map<string, Set<string>>();

  /** Takes note of the attributes that a commit's patches show. */
  learn({ diffs }: Commit): void {
    for (const { filename, change_type, patch } of diffs) {
      if (change_type === "D" || !filename.endsWith(".rs") || patch.length > MAX_PATCH) continue;
      for (const [, path = ""] of patch.matchAll(ATTRIBUTE))
        this.#add(posix.basename(path), filename);
    }
  }

  /** Files that may lead to one called `name`, in the order of paths. */
  holdersOf(name: string): string[] {
    return [...(this.#holders.get(name) ?? [])].sort();
  }

  #add(name: string, holder: string): void {
    const holders = this.#holders.get(name) ?? new Set();
    if (holders.size === 0 && this.#holders.size < MAX_NAMES) this.#holders.set(name, holders);
    if (holders.size < MAX_FILES) holders.add(holder);
  }
}
