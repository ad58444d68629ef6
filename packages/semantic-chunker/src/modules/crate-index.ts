import { posix } from "node:path";
import type { Commit } from "@repotune/schema";
import { parsePatch } from "../diff/patch.ts";
import { LruCache } from "../source/lru-cache.ts";
import type { TreeReader } from "../source/tree-reader.ts";
import { crateNameOf } from "./cargo-manifest.ts";

/** Manifests whose crate is remembered. */
const MAX_MANIFESTS = 4096;

/** A crate and where it lies. */
export interface Crate {
  name: string;
  /** Folder of its `Cargo.toml`; empty for the root. */
  folder: string;
}

/**
 * Knows which crate a file belongs to: that of the nearest `Cargo.toml` with a package, in the
 * commit's own tree. Where there are no trees, or the crate is gone from them, the manifests that
 * the history has shown so far serve.
 */
export class CrateIndex {
  readonly #trees: TreeReader | undefined;
  readonly #names = new LruCache<string | null>(MAX_MANIFESTS);
  /** Crates by folder, as last seen. */
  readonly #seen = new Map<string, string>();

  constructor(trees: TreeReader | undefined) {
    this.#trees = trees;
  }

  /** Takes note of the manifests that a commit's patches show. */
  learn(commit: Commit): void {
    for (const { filename, change_type, patch } of commit.diffs) {
      if (change_type === "D" || posix.basename(filename) !== "Cargo.toml") continue;
      const rows = parsePatch(patch)?.rows ?? [];
      const name = crateNameOf(
        rows
          .filter((row) => row.sign !== "-")
          .map((row) => row.text)
          .join("\n"),
      );
      if (name !== undefined) this.#seen.set(folderOf(filename), name);
    }
  }

  /**
   * The crate of the file at `path` in the tree `treeId`.
   *
   * @param isGone whether the file is no longer in that tree, and so perhaps neither its crate.
   */
  async crateOf(path: string, treeId: string, isGone: boolean): Promise<Crate | undefined> {
    const folders = [...ancestors(folderOf(path))];
    const found = await this.#inTree(folders, treeId);
    if (found) this.#seen.set(found.folder, found.name);
    if (found && !isGone) return found;
    const remembered = this.#inMemory(folders);
    return remembered && remembered.folder.length >= (found?.folder.length ?? 0)
      ? remembered
      : found;
  }

  /** @param folders from the root to the file's own. */
  async #inTree(folders: string[], treeId: string): Promise<Crate | undefined> {
    let id: string | undefined = treeId;
    let found: Crate | undefined;
    for (const folder of folders) {
      if (folder !== "") {
        id = (await this.#trees?.folder(id))?.folders.get(posix.basename(folder));
      }
      if (id === undefined) break;
      const manifest = (await this.#trees?.folder(id))?.files.get("Cargo.toml");
      const name = manifest === undefined ? null : await this.#name(manifest);
      if (name !== null) found = { name, folder };
    }
    return found;
  }

  #inMemory(folders: string[]): Crate | undefined {
    const folder = folders.findLast((candidate) => this.#seen.has(candidate));
    return folder === undefined ? undefined : { name: this.#seen.get(folder) ?? "", folder };
  }

  async #name(manifest: string): Promise<string | null> {
    const known = this.#names.get(manifest);
    if (known !== undefined) return known;
    const text = await this.#trees?.text(manifest);
    const name = (text && crateNameOf(text)) ?? null;
    this.#names.set(manifest, name, 1);
    return name;
  }
}

const folderOf = (path: string) => {
  const folder = posix.dirname(path);
  return folder === "." ? "" : folder;
};

function* ancestors(folder: string): Generator<string> {
  yield "";
  for (let at = folder.indexOf("/"); at >= 0; at = folder.indexOf("/", at + 1)) {
    yield folder.slice(0, at);
  }
  if (folder !== "") yield folder;
}
