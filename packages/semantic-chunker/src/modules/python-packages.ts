import { posix } from "node:path";
import type { Commit } from "@repotune/schema";
import type { TreeReader } from "../source/tree-reader.ts";
import { ancestors, folderOf } from "./folders.ts";

const MARK = "__init__.py";

/**
 * Knows which folders are Python packages: those with an `__init__.py`, in the commit's own tree.
 * Where there is no such tree, the files that the history has shown so far serve.
 */
export class PythonPackages {
  readonly #trees: TreeReader | undefined;
  readonly #seen = new Set<string>();

  constructor(trees: TreeReader | undefined) {
    this.#trees = trees;
  }

  /** Takes note of the packages that a commit's patches show. */
  learn({ diffs }: Commit): void {
    for (const { filename, change_type } of diffs) {
      const isMark = change_type !== "D" && posix.basename(filename) === MARK;
      if (isMark) this.#seen.add(folderOf(filename));
    }
  }

  /**
   * Module that the file at `path` is, from its outermost package down: `src/flask/json/tag.py` is
   * `flask::json::tag`. Outside all packages, it is that below the innermost `src`, or the root.
   */
  async modulePathOf(path: string, treeId: string): Promise<string[]> {
    const parts = path.replace(/\.pyi?$/, "").split("/");
    let start = parts.lastIndexOf("src", -2) + 1;
    let isInPackage = false;
    let id: string | undefined = treeId;
    for (const [depth, folder] of [...ancestors(folderOf(path))].entries()) {
      if (id !== undefined && depth > 0) {
        id = (await this.#trees?.folder(id))?.folders.get(posix.basename(folder));
      }
      const entries = id === undefined ? undefined : await this.#trees?.folder(id);
      const isPackage = entries ? entries.files.has(MARK) : this.#seen.has(folder);
      // A package is called after its folder; the root has no name.
      if (isPackage && !isInPackage) start = Math.max(0, depth - 1);
      isInPackage = isPackage;
    }
    if (!isInPackage) start = parts.lastIndexOf("src", -2) + 1;
    if (parts.at(-1) === "__init__") parts.pop();
    return parts.slice(start);
  }
}
