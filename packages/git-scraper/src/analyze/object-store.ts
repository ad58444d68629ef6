import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "@repotune/git";
import { unquotePath } from "../diff/quoted-path.ts";
import { textLines } from "../history/text-lines.ts";
import type { ObjectStore } from "./analysis.ts";

/** Adds up the packs and loose objects in all folders that git takes objects from. */
export async function measureObjectStore(repository: Repository): Promise<ObjectStore> {
  const store: ObjectStore = { packs: 0, pack_bytes: 0, loose_objects: 0 };
  const lines = textLines(await repository.text(["count-objects", "-v"]));
  const prefix = "alternate: ";
  for (const line of lines.filter((each) => each.startsWith(prefix))) {
    await addFolder(store, unquotePath(Buffer.from(line.slice(prefix.length))).toString());
  }
  return store;
}

async function addFolder(store: ObjectStore, folder: string): Promise<void> {
  for (const name of await list(join(folder, "pack"))) {
    if (!name.endsWith(".pack")) continue;
    const info = await stat(join(folder, "pack", name)).catch(() => undefined); // Just repacked.
    store.packs += 1;
    store.pack_bytes += info?.size ?? 0;
  }
  for (const name of await list(folder)) {
    if (/^[0-9a-f]{2}$/.test(name)) store.loose_objects += (await list(join(folder, name))).length;
  }
}

const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
