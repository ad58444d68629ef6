import { posix } from "node:path";
import type { Commit } from "@repotune/schema";
import { parsePatch } from "../diff/patch.ts";
import { LruCache } from "../source/lru-cache.ts";
import type { TreeReader } from "../source/tree-reader.ts";
import { ancestors, folderOf } from "./folders.ts";

/** Manifests whose crate is remembered. */
const MAX_MANIFESTS = 4096;

/** What a manifest says of its package. */
export interface Manifest {
  /** Name by which other code knows the package. */
  name: string;
}

/** A package, such as a crate, and where it lies. */
export interface Package<M extends Manifest = Manifest> {
  name: string;
  /** Folder of its manifest; empty for the root. */
  folder: string;
  manifest: M;
}

/**
 * Knows which package a file belongs to: that of the nearest manifest with a name, in the commit's
 * own tree. Where there are no trees, or the package is gone from them, the manifests that the
 * history has shown so far serve.
 */
export class PackageIndex<M extends Manifest = Manifest> {
  readonly #trees: TreeReader | undefined;
  readonly #fileName: string;
  readonly #read: (text: string) => M | undefined;
  readonly #manifests = new LruCache<M | null>(MAX_MANIFESTS);
  /** Manifests by folder, as last seen. */
  readonly #seen = new Map<string, M>();

  /**
   * @param fileName name of the file that makes a folder a package, such as `Cargo.toml`.
   * @param read reads that file, or the part of it that a patch shows; undefined if it names no package.
   */
  constructor(
    trees: TreeReader | undefined,
    fileName: string,
    read: (text: string) => M | undefined,
  ) {
    this.#trees = trees;
    this.#fileName = fileName;
    this.#read = read;
  }

  /** Takes note of the manifests that a commit's patches show. */
  learn(commit: Commit): void {
    for (const { filename, change_type, patch } of commit.diffs) {
      if (change_type === "D" || posix.basename(filename) !== this.#fileName) continue;
      const rows = parsePatch(patch)?.rows ?? [];
      const manifest = this.#read(
        rows
          .filter((row) => row.sign !== "-")
          .map((row) => row.text)
          .join("\n"),
      );
      if (manifest) this.#seen.set(folderOf(filename), manifest);
    }
  }

  /**
   * The package of the file at `path` in the tree `treeId`.
   *
   * @param isGone whether the file is no longer in that tree, and so perhaps neither its package.
   */
  async packageOf(path: string, treeId: string, isGone: boolean): Promise<Package<M> | undefined> {
    const folders = [...ancestors(folderOf(path))];
    const found = await this.#inTree(folders, treeId);
    if (found) this.#seen.set(found.folder, found.manifest);
    if (found && !isGone) return found;
    const remembered = this.#inMemory(folders);
    return remembered && remembered.folder.length >= (found?.folder.length ?? 0)
      ? remembered
      : found;
  }

  /** @param folders from the root to the file's own. */
  async #inTree(folders: string[], treeId: string): Promise<Package<M> | undefined> {
    let id: string | undefined = treeId;
    let found: Package<M> | undefined;
    for (const folder of folders) {
      if (folder !== "") {
        id = (await this.#trees?.folder(id))?.folders.get(posix.basename(folder));
      }
      if (id === undefined) break;
      const blob = (await this.#trees?.folder(id))?.files.get(this.#fileName);
      const manifest = blob === undefined ? null : await this.#manifest(blob);
      if (manifest) found = { name: manifest.name, folder, manifest };
    }
    return found;
  }

  #inMemory(folders: string[]): Package<M> | undefined {
    const folder = folders.findLast((candidate) => this.#seen.has(candidate));
    const manifest = folder === undefined ? undefined : this.#seen.get(folder);
    if (folder === undefined || !manifest) return undefined;
    return { name: manifest.name, folder, manifest };
  }

  async #manifest(blobId: string): Promise<M | null> {
    const known = this.#manifests.get(blobId);
    if (known !== undefined) return known;
    const text = await this.#trees?.text(blobId);
    const manifest = (text && this.#read(text)) || null;
    this.#manifests.set(blobId, manifest, 1);
    return manifest;
  }
}
