import { posix } from "node:path";
import type { Commit } from "@repotune/schema";
import { parsePatch } from "../diff/patch.ts";
import { LruCache } from "../source/lru-cache.ts";
import type { TreeReader } from "../source/tree-reader.ts";
import { ancestors, folderOf } from "./folders.ts";

/** Manifests whose crate is remembered. */
const MAX_MANIFESTS = 4096;

/** A package, such as a crate, and where it lies. */
export interface Package {
  name: string;
  /** Folder of its manifest; empty for the root. */
  folder: string;
}

/**
 * Knows which package a file belongs to: that of the nearest manifest with a name, in the commit's
 * own tree. Where there are no trees, or the package is gone from them, the manifests that the
 * history has shown so far serve.
 */
export class PackageIndex {
  readonly #trees: TreeReader | undefined;
  readonly #manifest: string;
  readonly #nameOf: (text: string) => string | undefined;
  readonly #names = new LruCache<string | null>(MAX_MANIFESTS);
  /** Names by folder, as last seen. */
  readonly #seen = new Map<string, string>();

  /**
   * @param manifest name of the file that makes a folder a package, such as `Cargo.toml`.
   * @param nameOf finds the package's name in that file, or in the part of it that a patch shows.
   */
  constructor(
    trees: TreeReader | undefined,
    manifest: string,
    nameOf: (text: string) => string | undefined,
  ) {
    this.#trees = trees;
    this.#manifest = manifest;
    this.#nameOf = nameOf;
  }

  /** Takes note of the manifests that a commit's patches show. */
  learn(commit: Commit): void {
    for (const { filename, change_type, patch } of commit.diffs) {
      if (change_type === "D" || posix.basename(filename) !== this.#manifest) continue;
      const rows = parsePatch(patch)?.rows ?? [];
      const name = this.#nameOf(
        rows
          .filter((row) => row.sign !== "-")
          .map((row) => row.text)
          .join("\n"),
      );
      if (name !== undefined) this.#seen.set(folderOf(filename), name);
    }
  }

  /**
   * The package of the file at `path` in the tree `treeId`.
   *
   * @param isGone whether the file is no longer in that tree, and so perhaps neither its package.
   */
  async packageOf(path: string, treeId: string, isGone: boolean): Promise<Package | undefined> {
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
  async #inTree(folders: string[], treeId: string): Promise<Package | undefined> {
    let id: string | undefined = treeId;
    let found: Package | undefined;
    for (const folder of folders) {
      if (folder !== "") {
        id = (await this.#trees?.folder(id))?.folders.get(posix.basename(folder));
      }
      if (id === undefined) break;
      const manifest = (await this.#trees?.folder(id))?.files.get(this.#manifest);
      const name = manifest === undefined ? null : await this.#name(manifest);
      if (name !== null) found = { name, folder };
    }
    return found;
  }

  #inMemory(folders: string[]): Package | undefined {
    const folder = folders.findLast((candidate) => this.#seen.has(candidate));
    return folder === undefined ? undefined : { name: this.#seen.get(folder) ?? "", folder };
  }

  async #name(manifest: string): Promise<string | null> {
    const known = this.#names.get(manifest);
    if (known !== undefined) return known;
    const text = await this.#trees?.text(manifest);
    const name = (text && this.#nameOf(text)) ?? null;
    this.#names.set(manifest, name, 1);
    return name;
  }
}
