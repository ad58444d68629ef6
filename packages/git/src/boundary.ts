import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { StageError } from "@repotune/schema";
import type { RepositoryLocation } from "./locate.ts";
import { kindOf, readSmallFile } from "./small-file.ts";

/** What is read of a repository besides its objects; `HEAD` has a rule of its own. */
const PARTS = ["config", "config.worktree", "packed-refs", "shallow", "refs", "worktrees"] as const;
const FOLDERS: readonly string[] = ["refs", "worktrees"];

/** Whether a path, free of symbolic links, is a folder or lies inside it. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);

/**
 * Makes sure that what is about to be read of a repository is its own: no symbolic link leads out
 * of it, nothing is a device, and a `commondir` file names the repository it is a worktree of.
 *
 * @throws {StageError} `E_UNSUPPORTED`, naming the file.
 */
export async function assertOwnFiles({ gitDir, commonDir }: RepositoryLocation): Promise<void> {
  if (gitDir !== commonDir && dirname(gitDir) !== join(commonDir, "worktrees")) {
    const file = join(gitDir, "commondir");
    throw refused(`${file} names ${commonDir}, of which it is no worktree.`, commonDir);
  }
  for (const name of PARTS) {
    const path = join(commonDir, name);
    if (!(await exists(path))) continue;
    const target = await realpath(path).catch(() => undefined);
    if (target === undefined || !isInside(target, commonDir)) {
      throw refused(`${path} is a link that leads out of the repository.`);
    }
    if ((await kindOf(path)) !== (FOLDERS.includes(name) ? "folder" : "file")) {
      throw refused(`${path} is not what it should be.`);
    }
  }
}

/**
 * Makes sure that a git directory which a `.git` file or link names elsewhere belongs to it: the
 * directory of a worktree names that file, that of a submodule (or of a clone with a work tree of
 * its own) has it as `core.worktree`. Otherwise a folder from a stranger could name any repository
 * of this machine.
 *
 * @throws {StageError} `E_UNSUPPORTED`
 */
export async function assertLinked(
  { gitDir, linkedBy }: RepositoryLocation,
  workTree: string | undefined,
): Promise<void> {
  if (linkedBy === undefined) return;
  const back = (await readSmallFile(join(gitDir, "gitdir")))?.trimEnd();
  if (back && (await isSame(resolve(gitDir, back), linkedBy))) return;
  if (workTree && (await isSame(resolve(gitDir, workTree), dirname(linkedBy)))) return;
  throw refused(`${linkedBy} names ${gitDir}, which does not name it in turn.`, gitDir);
}

/** Whether two paths name one thing; the last part may be a link. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map((path) => realpath(dirname(path)).catch(() => "")),
  );
  return a !== "" && a === b && basename(one) === basename(other);
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const refused = (message: string, instead?: string): StageError =>
  new StageError("E_UNSUPPORTED", message, {
    hint: instead
      ? `If that is meant to be read, give its path: ${instead}`
      : "Nothing outside of a repository is read. Clone it first.",
  });
