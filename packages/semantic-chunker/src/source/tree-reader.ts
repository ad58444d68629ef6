import type { ObjectSource } from "../object-source.ts";
import { LruCache } from "./lru-cache.ts";
import { readTree } from "./tree-object.ts";

/** Folders whose entries are remembered. */
const MAX_FOLDERS = 4096;

/** Files that anyone asks for; the rest is not remembered. */
const FILES = new Set(["Cargo.toml", "package.json", "go.mod", "__init__.py", ".gitattributes"]);

/** Entries of a folder in a commit. */
export interface Folder {
  /** Ids of manifests, `__init__.py` and `.gitattributes`, if they are there. */
  files: Map<string, string>;
  /** Ids of all folders in it. */
  folders: Map<string, string>;
}

/** Reads folders of commits, each once. */
export class TreeReader {
  readonly #objects: ObjectSource;
  readonly #folders = new LruCache<Folder>(MAX_FOLDERS);

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
      else if (FILES.has(entry.name)) folder.files.set(entry.name, entry.id);
    }
    this.#folders.set(id, folder, 1);
    return folder;
  }

  /** Text of a small file; undefined if it is missing. */
  async text(id: string): Promise<string | undefined> {
    return (await this.#objects.read(id))?.toString("utf8");
  }
}
