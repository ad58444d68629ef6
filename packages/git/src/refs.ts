import type { Dirent } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { inputError } from "@repotune/schema";

/** Ref names, as bytes in latin1, to object ids. */
export type RefTable = Map<string, string>;

const idPattern = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * Reads all refs of a repository from its files: `packed-refs`, then loose refs over them.
 *
 * Left out are replace refs (they would show other objects than the history has), symbolic refs
 * (what they point to is there by its own name) and entries git would call broken. Names are
 * latin1, so that any bytes survive.
 */
export async function readRefs(commonDir: string): Promise<RefTable> {
  const refs: RefTable = new Map();
  const root = asLatin1(commonDir);
  for (const line of (await readLatin1(`${root}/packed-refs`)).split("\n")) {
    const space = line.indexOf(" ");
    add(refs, line.slice(space + 1), line.slice(0, space)); // Comments and ^peeled lines drop out.
  }
  await addLoose(refs, root, "refs");
  return refs;
}

/**
 * Commits that the HEADs of the main and of linked worktrees point to directly, being detached.
 */
export async function readDetachedHeads(commonDir: string): Promise<string[]> {
  const root = asLatin1(commonDir);
  const folders = [root];
  for (const entry of await list(`${root}/worktrees`)) {
    if (entry.isDirectory()) folders.push(`${root}/worktrees/${entry.name}`);
  }
  const heads: string[] = [];
  for (const folder of folders) {
    const head = await headOf(folder);
    if (idPattern.test(head)) heads.push(head);
  }
  return [...new Set(heads)].sort();
}

/** Content of `HEAD`: `ref: refs/…` or an object id; empty if there is none of either form. */
export const readHead = (gitDir: string): Promise<string> => headOf(asLatin1(gitDir));

async function headOf(gitDir: string): Promise<string> {
  const link = await readlink(asBytes(`${gitDir}/HEAD`), "latin1" as BufferEncoding).catch(
    () => "",
  );
  // As a symbolic link, which the first gits made, it only ever names a branch.
  const head = link === "" ? (await readLatin1(`${gitDir}/HEAD`)).trimEnd() : `ref: ${link}`;
  const target = /^ref:\s*(.+)$/.exec(head)?.[1];
  if (target !== undefined) return isSafeName(target) ? `ref: ${target}` : "";
  return idPattern.test(head) ? head : "";
}

/** The boundary commits of a shallow clone; empty for a complete one. */
export async function readShallow(commonDir: string): Promise<string[]> {
  const lines = (await readLatin1(`${asLatin1(commonDir)}/shallow`)).split("\n");
  return lines.filter((line) => idPattern.test(line)).sort();
}

async function addLoose(refs: RefTable, root: string, folder: string): Promise<void> {
  for (const entry of await list(`${root}/${folder}`)) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) await addLoose(refs, root, name);
    else if (entry.isFile()) add(refs, name, (await readLatin1(`${root}/${name}`)).trimEnd());
  }
}

function add(refs: RefTable, name: string, id: string): void {
  if (!idPattern.test(id) || !isSafeName(name) || name.startsWith("refs/replace/")) return;
  refs.set(name, id);
}

/** git refuses a whole `packed-refs` over a name that could escape the folder. */
const isSafeName = (name: string) =>
  name.startsWith("refs/") && name.split("/").every((part) => !/^\.*$|\0|\n/.test(part));

/** File names are bytes: paths are held in latin1, which keeps every byte, and handed on as bytes. */
const asLatin1 = (path: string) => Buffer.from(path).toString("latin1");
const asBytes = (path: string) => Buffer.from(path, "latin1");

const list = (folder: string): Promise<Dirent[]> =>
  orNothing(
    folder,
    readdir(asBytes(folder), { withFileTypes: true, encoding: "latin1" as BufferEncoding }),
    [],
  );

/** Text of a file; a FIFO or a device in its place is never opened. */
async function readLatin1(path: string): Promise<string> {
  const info = await orNothing(path, stat(asBytes(path)), undefined);
  return info?.isFile() ? orNothing(path, readFile(asBytes(path), "latin1"), "") : "";
}

/** What is not there is empty; what cannot be read is an error. */
async function orNothing<T, N>(path: string, reading: Promise<T>, nothing: N): Promise<T | N> {
  try {
    return await reading;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return nothing;
    throw inputError(asBytes(path).toString(), error);
  }
}
