import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";

/** Where a loose object lies in a git directory. */
export const looseObjectPath = (gitDir: string, id: string): string =>
  join(gitDir, "objects", id.slice(0, 2), id.slice(2));

/**
 * Writes a loose object as git does, whatever its content: git itself would refuse some that
 * histories in the wild contain.
 *
 * @returns its id.
 */
export function writeLooseObject(
  gitDir: string,
  format: "sha1" | "sha256",
  type: "blob" | "commit" | "tag" | "tree",
  content: Buffer,
): string {
  const object = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const id = createHash(format).update(object).digest("hex");
  const path = looseObjectPath(gitDir, id);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, deflateSync(object));
  renameSync(`${path}.new`, path); // Over an object of the same name, which is read-only.
  return id;
}
