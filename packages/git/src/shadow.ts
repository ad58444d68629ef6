import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryLocation } from "./locate.ts";
import { emptyTreeId, type ObjectFormat } from "./object-format.ts";
import { ownObjects } from "./object-store.ts";
import { readDetachedHeads, readHead, readRefs, readShallow } from "./refs.ts";

/** Refs of ours in the shadow, for detached HEADs; no branch or tag can be named so. */
export const DETACHED_HEADS = "refs/repotune/detached-heads/";

/** Where HEAD points in the shadow of a repository that has none. */
const NO_HEAD = "ref: refs/repotune/no-head";

/** What came to light of a repository while its shadow was made. */
export interface ShadowFacts {
  isShallow: boolean;
  /** Places outside of the repository whose objects it borrows and that are left out. */
  borrowsFrom: string[];
}

/**
 * Lays out in `folder` a bare repository that shows the history at `location` and nothing else of
 * it: its refs as they are now, its objects as alternates, its shallow boundary.
 *
 * git reads the shadow, so the repository's own configuration, hooks, attributes, replace refs and
 * grafts have no effect, and nothing can be written into it. Object storage is shared by path.
 *
 * @param alternates whether to read, too, what the repository borrows from elsewhere.
 */
export async function writeShadow(
  folder: string,
  location: RepositoryLocation,
  objectFormat: ObjectFormat,
  alternates: boolean,
): Promise<ShadowFacts> {
  const { gitDir, commonDir } = location;
  await mkdir(join(folder, "objects", "info"), { recursive: true });
  await mkdir(join(folder, "refs"));
  await writeFile(join(folder, "config"), config(objectFormat));
  await writeFile(join(folder, "HEAD"), `${(await readHead(gitDir)) || NO_HEAD}\n`, "latin1");
  const store = alternates
    ? { path: join(commonDir, "objects"), borrowsFrom: [] }
    : await ownObjects(commonDir, join(folder, "own-objects"));
  await writeFile(join(folder, "objects", "info", "alternates"), `${quote(store.path)}\n`);
  await writeFile(join(folder, "packed-refs"), await packedRefs(commonDir), "latin1");
  const shallow = await readShallow(commonDir);
  // Only where there is one: git gives up the commit-graph, and with it speed, for a shallow file.
  if (shallow.length > 0) await writeFile(join(folder, "shallow"), `${shallow.join("\n")}\n`);
  return { isShallow: shallow.length > 0, borrowsFrom: store.borrowsFrom };
}

const config = (objectFormat: ObjectFormat) => `[core]
	repositoryformatversion = ${objectFormat === "sha1" ? 0 : 1}
	bare = true
	fsmonitor = false
	hooksPath = /dev/null
	attributesFile = /dev/null
[attr]
	tree = ${emptyTreeId(objectFormat)}
[gc]
	auto = 0
[maintenance]
	auto = false
${objectFormat === "sha1" ? "" : `[extensions]\n\tobjectFormat = ${objectFormat}\n`}`;

async function packedRefs(commonDir: string): Promise<string> {
  const refs = await readRefs(commonDir);
  const heads = await readDetachedHeads(commonDir);
  for (const [index, head] of heads.entries()) refs.set(`${DETACHED_HEADS}${index}`, head);
  const names = [...refs.keys()].sort(); // In latin1 this is the order of bytes.
  return names.map((name) => `${refs.get(name)} ${name}\n`).join("");
}

/** A path as git's alternates file takes it, whatever characters it has. */
const quote = (path: string) =>
  `"${path.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
