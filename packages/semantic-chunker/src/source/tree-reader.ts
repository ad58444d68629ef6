import type { ObjectSource } from "../object-source.ts";
import { LruCache } from "./lru-cache.ts";
import { readTree } from "./tree-object.ts";

/** Entries of folders that are remembered; one folder counts as half of them at most. */
const MAX_ENTRIES = 1 << 16;

/** Files that anyone asks for, source and manifests; the rest is not remembered. */
const FILES =
  /^(package\.json|\.gitattributes)$|\.(rs|toml|pyi?|[cm]?[jt]sx?|go|mod|java|c|cc|cpp|cxx|h|hh|hpp|hxx)$/;

/** Entries of a folder in a commit. */
export interface Folder {
  /** Ids of source files, manifests and `.gitattributes`. */
  files: Map<string, string>;
  /** Ids of all folders in it. */
  folders: Map<string, string>;
}

/** Reads folders of commits, each once. */
export class TreeReader {
  readonly #objects: ObjectSource;
  readonly #folders = new LruCache<Folder>(MAX_ENTRIES);

  constructor(objects: ObjectSource) {
    this.#objects = objects;
  }

  /** Entries of the tree `id`; undefined if it is missing. */
  async folder(id: string): Promise<Folder | undefined> {
    const known = this.#folders.get(id);
    if (known) return known;
    const data = await this.#objects.read(id);
    if (!data) return undefined;
    const folder: Folder = { files: new Map(), folders: new Map() };
    for (const entry of readTree(data, id.length / 2)) {
      if (entry.isFolder) folder.folders.set(entry.name, entry.id);
      else if (FILES.test(entry.name)) folder.files.set(entry.name, entry.id);
    }
    const entries = 1 + folder.files.size + folder.folders.size;
    this.#folders.set(id, folder, Math.min(entries, MAX_ENTRIES / 2));
    return folder;
  }

  /** Id of the source file or manifest at `path` in the tree `treeId`; undefined if there is none. */
  async find(treeId: string, path: string): Promise<string | undefined> {
    let id: string | undefined = treeId;
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    for (const part of parts) {
      id = (await this.folder(id))?.folders.get(part);
      if (id === undefined) return undefined;
    }
    return (await this.folder(id))?.files.get(name);
  }

  /** Text of a small file; undefined if it is missing. */
  async text(id: string): Promise<string | undefined> {
    return (await this.#objects.read(id))?.toString("utf8");
  }
}
