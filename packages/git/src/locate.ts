import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { StageError } from "@repotune/schema";
import { isInside } from "./boundary.ts";
import { kindOf, readSmallFile } from "./small-file.ts";

/** Where the parts of a repository lie. All paths are absolute and free of symbolic links. */
export interface RepositoryLocation {
  /** The folder that was asked for. */
  path: string;
  /** The folder's name, without a closing `.git`. */
  name: string;
  /** Holds `HEAD`; of its own for a linked worktree. */
  gitDir: string;
  /** Holds `objects` and `refs`; differs from `gitDir` only for a linked worktree. */
  commonDir: string;
  /** The `.git` file or link that names `gitDir`, if that lies outside of `path`. */
  linkedBy: string | undefined;
}

/**
 * Finds the repository at `path`: the root of a work tree (the main one, a linked one or a
 * submodule's), a bare repository, or a `.git` folder itself.
 *
 * A folder *inside* a work tree is refused: what would be read is not what was named. Only files
 * are looked at; git is not asked, so nothing of the repository's configuration takes effect.
 *
 * @throws {StageError} `E_NOT_FOUND` or `E_NOT_A_REPOSITORY`.
 */
export async function locateRepository(path: string): Promise<RepositoryLocation> {
  const found = await realpath(path).catch((cause: unknown) => {
    throw new StageError("E_NOT_FOUND", `There is no folder ${path}.`, {
      hint: "Give the path of a git repository.",
      cause,
    });
  });
  const gitDir = await gitDirOf(found);
  if (gitDir === undefined) throw await notARepository(path, found);
  const named = basename(found) === ".git" ? dirname(found) : found;
  return {
    path: found,
    name: basename(named).replace(/(?<=.)\.git$/, "") || "repository",
    gitDir,
    commonDir: await commonDirOf(gitDir),
    linkedBy: isInside(gitDir, found) ? undefined : join(found, ".git"),
  };
}

async function gitDirOf(folder: string): Promise<string | undefined> {
  const dotGit = join(folder, ".git");
  const target = (await linkedGitDir(dotGit)) ?? dotGit;
  if (await isGitDir(target)) return realpath(target);
  return (await isGitDir(folder)) ? folder : undefined;
}

/** Target of a `.git` *file*, which linked worktrees and submodules have. */
async function linkedGitDir(dotGit: string): Promise<string | undefined> {
  const text = await readSmallFile(dotGit);
  const target = text === undefined ? null : /^gitdir: (.+?)\r?\n*$/.exec(text);
  return target?.[1] === undefined ? undefined : resolve(dirname(dotGit), target[1]);
}

/** git's own test, but for `HEAD`: a repository without one can still be read. */
async function isGitDir(folder: string): Promise<boolean> {
  if ((await kindOf(folder)) !== "folder") return false;
  const common = await commonDirOf(folder);
  const hasRefs =
    (await kindOf(join(common, "refs"))) === "folder" ||
    (await kindOf(join(common, "packed-refs"))) === "file";
  return hasRefs && (await kindOf(join(common, "objects"))) === "folder";
}

async function commonDirOf(gitDir: string): Promise<string> {
  const text = await readSmallFile(join(gitDir, "commondir"));
  if (text === undefined) return gitDir;
  const common = resolve(gitDir, text.trimEnd());
  return realpath(common).catch(() => common); // If it is gone, isGitDir says so.
}

async function notARepository(path: string, found: string): Promise<StageError> {
  let hint = "Give the root folder of a git work tree, or a bare repository.";
  for (let above = dirname(found); above !== dirname(above); above = dirname(above)) {
    if ((await gitDirOf(above)) === undefined) continue;
    hint = `It lies inside the repository ${above}: give that path.`;
    break;
  }
  return new StageError("E_NOT_A_REPOSITORY", `${path} is not a git repository.`, { hint });
}
