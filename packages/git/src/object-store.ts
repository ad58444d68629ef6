import { type Dirent, lstatSync } from "node:fs";
import { mkdir, readdir, realpath, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isInside } from "./boundary.ts";
import { kindOf, readSmallFile } from "./small-file.ts";

/** Where git finds a repository's objects. */
export interface ObjectStore {
  /** Folder of objects. */
  path: string;
  /** Folders or files elsewhere that hold further objects, and are not read. */
  borrowsFrom: string[];
}

/** Folders inside folders of objects: `objects/info/commit-graphs`. */
const DEPTH = 3;

/**
 * The objects that lie in a repository itself. Where it borrows from elsewhere, by
 * `info/alternates` or by symbolic links, a folder of links to what is its own is made.
 *
 * (`info/http-alternates` is for those who fetch over HTTP; git does not read it here.)
 *
 * @param folder where to make it, if needed
 */
export async function ownObjects(commonDir: string, folder: string): Promise<ObjectStore> {
  const objects = join(commonDir, "objects");
  const alternates = join(objects, "info", "alternates");
  const isOwn = await leadsInto(commonDir, objects);
  const links = isOwn ? await linksOut(objects, commonDir, DEPTH) : new Set([objects]);
  const lent = await readAlternates(objects, alternates);
  const borrowsFrom = [...lent, ...(await Promise.all([...links].map(targetOf)))];
  if (isThere(alternates)) links.add(alternates);
  if (links.size === 0) return { path: objects, borrowsFrom: [] };
  await linkAll(objects, folder, links);
  return { path: folder, borrowsFrom: [...new Set(borrowsFrom)].sort() };
}

/** Symbolic links below a folder that lead out of the repository, or nowhere. */
async function linksOut(folder: string, root: string, depth: number): Promise<Set<string>> {
  const found = new Set<string>();
  const nested = (await list(folder)).map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink() && !(await leadsInto(root, path))) found.add(path);
    else if (depth > 1 && !entry.isFile()) {
      for (const link of await linksOut(path, root, depth - 1)) found.add(link);
    }
  });
  await Promise.all(nested);
  return found;
}

/** Links everything of one folder into another, but for the paths `without`. */
async function linkAll(from: string, to: string, without: ReadonlySet<string>): Promise<void> {
  await mkdir(to);
  if (without.has(from)) return;
  for (const { name } of await list(from)) {
    const path = join(from, name);
    const kind = await kindOf(path);
    if (without.has(path) || kind === undefined) continue;
    const isPart = [...without].some((other) => isInside(other, path));
    if (isPart && kind === "folder") await linkAll(path, join(to, name), without);
    // A junction needs no privilege on Windows.
    else await symlink(path, join(to, name), kind === "folder" ? "junction" : "file");
  }
}

/** Folders named in `info/alternates`: one a line, perhaps quoted, relative to the objects. */
async function readAlternates(objects: string, alternates: string): Promise<string[]> {
  const lines = ((await readSmallFile(alternates)) ?? "").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => resolve(objects, line.replace(/^"(.*)"$/, "$1")));
}

const leadsInto = async (root: string, path: string): Promise<boolean> =>
  isInside(await realpath(path).catch(() => ""), root);

/** Where a path leads; for a dangling link the link itself is named. */
const targetOf = (path: string): Promise<string> => realpath(path).catch(() => path);

const list = (folder: string): Promise<Dirent[]> =>
  readdir(folder, { withFileTypes: true }).catch(() => []); // No folder.

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
