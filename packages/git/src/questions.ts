import { messageOf, StageError } from "@repotune/schema";
import { GitError, simpleGit } from "simple-git";
import { gitFailed, gitNotFound } from "./process.ts";

/** The oldest git that knows every option used here (`GIT_CONFIG_GLOBAL`). */
const OLDEST = { major: 2, minor: 32 };

/** Asks git small questions. */
export interface Questions {
  /** What git prints, as UTF-8; for answers that fit into a string with ease. */
  text(args: string[]): Promise<string>;
  /** @throws {StageError} `E_GIT` if git is absent or older than 2.32. */
  checkVersion(): Promise<void>;
}

/**
 * A door to git for small questions, by simple-git.
 *
 * Only for these: simple-git gathers the whole output in one string, and its parsers (`log()`, …)
 * split at text that a commit message may hold. It finds the repository by its working folder,
 * which is the shadow; `--git-dir` and dangerous options it refuses, which is welcome here.
 */
export function askGit(
  cwd: string,
  env: Record<string, string>,
  signal: AbortSignal | undefined,
): Questions {
  const git = simpleGit({
    baseDir: cwd,
    allowEnvironment: Object.keys(env),
    // simple-git guards the variables that name configuration files; here they name none.
    unsafe: { allowUnsafeConfigPaths: true },
    // Wait for the end of the output, not of the process: there may be more in the pipe.
    completion: { onClose: true, onExit: false },
    ...(signal && { abort: signal }),
  }).env(env);

  const failure = (args: readonly string[], error: unknown): StageError => {
    if (signal?.aborted) return new StageError("E_INTERRUPTED", "Interrupted.", { cause: error });
    if (!(error instanceof GitError)) return gitFailed(args, messageOf(error), error);
    return /ENOENT/.test(error.message) ? gitNotFound(error) : gitFailed(args, error.message);
  };

  return {
    async text(args) {
      try {
        return await git.raw(args);
      } catch (error) {
        throw failure(args, error);
      }
    },
    async checkVersion() {
      const version = await git.version().catch((error: unknown) => {
        throw failure(["version"], error);
      });
      if (!version.installed) throw gitNotFound();
      const { major, minor } = version;
      if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return;
      throw new StageError("E_GIT", `git ${major}.${minor} is too old.`, {
        hint: `Install git ${OLDEST.major}.${OLDEST.minor} or later.`,
      });
    },
  };
}
