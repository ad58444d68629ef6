import { StageError } from "@repotune/schema";

/** The first git that repeats many merges in one process (`merge-tree --stdin`). */
const OLDEST = { major: 2, minor: 39 };

/**
 * Whether git can repeat merges.
 *
 * @param version what `git version` prints.
 * @throws {StageError} `E_UNSUPPORTED` if it cannot.
 */
export function assertRepeatsMerges(version: string): void {
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return;
  throw new StageError("E_UNSUPPORTED", `git ${major}.${minor} cannot repeat merges.`, {
    hint: `Install git ${OLDEST.major}.${OLDEST.minor} or later, or do without conflicted files.`,
  });
}
