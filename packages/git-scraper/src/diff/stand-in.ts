import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import type { Repository } from "@repotune/git";

/**
 * Puts a small binary blob where git will look for a missing one, in the shadow only.
 *
 * git does not compare a blob it reads with its name, so the stand-in goes by the missing id and
 * every diff names the true one. The NUL makes git take it for binary, so that no patch is made up
 * from it; the id after it makes no two alike, so that no rename is made up either.
 */
export async function writeStandIn(repository: Repository, id: string): Promise<void> {
  const content = `\0${id}\n`;
  const folder = join(repository.gitDir, "objects", id.slice(0, 2));
  await mkdir(folder, { recursive: true });
  const path = join(folder, id.slice(2));
  await writeFile(`${path}.new`, await promisify(deflate)(`blob ${content.length}\0${content}`));
  await rename(`${path}.new`, path); // Another git process may be looking.
}
