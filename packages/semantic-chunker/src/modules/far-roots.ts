import { posix } from "node:path";
import type { Commit } from "@repotune/schema";
import { folderOf } from "./folders.ts";

/** Roots outside the package's folder that are remembered. */
const MAX_ROOTS = 4096;

/** Longer patches, in UTF-16 units, are not of a manifest that people wrote, and cost time. */
const MAX_PATCH = 1 << 20;

/** `path = "../…"` of a target; that of a dependency names a folder. */
const FAR_ROOT = /\bpath\s*=\s*"(\.\.\/[^"\n]{1,500}\.rs)"/g;

/** Knows the packages of which the history so far has shown a target with a root outside their folder. */
export class FarRoots {
  readonly #folders = new Map<string, string>();

  /** Takes note of the targets that a commit's patches show. */
  learn({ diffs }: Commit): void {
    for (const { filename, change_type, patch } of diffs) {
      const isManifest = change_type !== "D" && posix.basename(filename) === "Cargo.toml";
      if (!isManifest || patch.length > MAX_PATCH) continue;
      const folder = folderOf(filename);
      for (const [, path = ""] of patch.matchAll(FAR_ROOT)) {
        if (this.#folders.size < MAX_ROOTS) this.#folders.set(posix.join(folder, path), folder);
      }
    }
  }

  /** Folder of the package that may have a file for a root. */
  folderOf(path: string): string | undefined {
    return this.#folders.get(path);
  }
}
