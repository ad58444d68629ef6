import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryLocation } from "./locate.ts";
import { emptyTreeId, type ObjectFormat } from "./object-format.ts";
import { readDetachedHeads, readHead, readRefs, readShallow } from "./refs.ts";

/** Refs of ours in the shadow, for detached HEADs; no branch or tag can be named so. */
export const DETACHED_HEADS = "refs/repotune/detached-heads/";

/** Where HEAD points in the shadow of a repository that has none. */
const NO_HEAD = "ref: refs/repotune/no-head";

/**
 * Lays out in `folder` a bare repository that shows the history at `location` and nothing else of
 * it: its refs as they are now, its objects as alternates, its shallow boundary.
 *
 * git reads the shadow, so the repository's own configuration, hooks, attributes, replace refs and
 * grafts have no effect, and nothing can be written into it. Object storage is shared by path,
 * including what it borrows from in turn (`objects/info/alternates`), which holds data only.
 */
export async function writeShadow(
  folder: string,
  location: RepositoryLocation,
  objectFormat: ObjectFormat,
): Promise<{ isShallow: boolean }> {
  const { gitDir, commonDir } = location;
  await mkdir(join(folder, "objects", "info"), { recursive: true });
  await mkdir(join(folder, "refs"));
  await writeFile(join(folder, "config"), config(objectFormat));
  await writeFile(join(folder, "HEAD"), `${(await readHead(gitDir)) || NO_HEAD}\n`, "latin1");
  const objects = quote(join(commonDir, "objects"));
  await writeFile(join(folder, "objects", "info", "alternates"), `${objects}\n`);
  await writeFile(join(folder, "packed-refs"), await packedRefs(commonDir), "latin1");
  const shallow = await readShallow(commonDir);
  // Only where there is one: git gives up the commit-graph, and with it speed, for a shallow file.
  if (shallow.length > 0) await writeFile(join(folder, "shallow"), `${shallow.join("\n")}\n`);
  return { isShallow: shallow.length > 0 };
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
