import { text } from "node:stream/consumers";
import { nearNames, StageError } from "@repotune/schema";
import type { Repository } from "./repository.ts";

/** git abbreviates an id to no fewer digits. */
const MIN_DIGITS = 4;

/** Commits that an error lists at most. */
const LISTED = 5;

/**
 * The id of the commit that a revision names, by git's own rules.
 *
 * @param revision an id or its beginning, a branch, a tag, `HEAD~2`, …
 * @throws {StageError} `E_NOT_FOUND` if no commit answers to it, with what is near; `E_USAGE` if several
 *   do, with their subjects.
 */
export async function resolveCommit(repository: Repository, revision: string): Promise<string> {
  // No name holds these, and no argument of a process may hold the first.
  if (!/[\0\n]/.test(revision)) {
    const verify = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
    const [id] = await answer(repository, [...verify, `${revision}^{commit}`]);
    if (id) return id;
  }
  const digits = revision.toLowerCase();
  const isId = new RegExp(`^[0-9a-f]{${MIN_DIGITS},64}$`).test(digits);
  const alike = isId ? await commitsBeginning(repository, digits.slice(0, MIN_DIGITS)) : [];
  const meant = alike.filter((id) => id.startsWith(digits));
  if (meant.length > 1) {
    throw new StageError(
      "E_USAGE",
      `${meant.length} commits of ${repository.path} begin with "${revision}".`,
      { hint: `Give more digits: ${await described(repository, meant)}.` },
    );
  }
  const near = isId
    ? await described(repository, nearest(digits, alike))
    : nearNames(revision, await refNames(repository)).join(", ");
  throw new StageError("E_NOT_FOUND", `${repository.path} has no commit "${revision}".`, {
    hint:
      near === ""
        ? "Give a commit's id or at least 4 digits of it, a branch, a tag, or HEAD."
        : `Near are: ${near}.`,
  });
}

/** The lines that git prints; none if it fails. */
async function answer(repository: Repository, args: string[], input = ""): Promise<string[]> {
  const child = repository.spawn(args);
  child.stdin.end(input);
  const output = await text(child.stdout);
  await child.done.catch((error: unknown) => {
    if (child.exitCode === null) throw error; // It was stopped, or never ran.
  });
  return child.exitCode === 0 ? output.split("\n").filter(Boolean) : [];
}

async function commitsBeginning(repository: Repository, digits: string): Promise<string[]> {
  const ids = await answer(repository, ["rev-parse", `--disambiguate=${digits}`]);
  const check = ["cat-file", "--batch-check=%(objecttype) %(objectname)"];
  const types = await answer(repository, check, ids.map((id) => `${id}\n`).join(""));
  return types.flatMap((line) =>
    line.startsWith("commit ") ? [line.slice("commit ".length)] : [],
  );
}

/** Those first that have the most digits at the beginning in common. */
function nearest(digits: string, ids: readonly string[]): string[] {
  const equal = (id: string) => {
    let count = 0;
    while (count < digits.length && id[count] === digits[count]) count += 1;
    return count;
  };
  return ids.toSorted((a, b) => equal(b) - equal(a)).slice(0, LISTED);
}

/** Commits by their ids and subjects. */
async function described(repository: Repository, ids: readonly string[]): Promise<string> {
  if (ids.length === 0) return "";
  const format = ["log", "--no-walk=unsorted", "--abbrev=12", "--format=%h (%<(50,trunc)%s)"];
  const lines = await answer(repository, [...format, ...ids.slice(0, LISTED)]);
  const more = ids.length > LISTED ? [`and ${ids.length - LISTED} more`] : [];
  return [...lines.map((line) => line.replace(/\s+\)$/, ")")), ...more].join(", ");
}

async function refNames(repository: Repository): Promise<string[]> {
  const refs = ["refs/heads", "refs/remotes", "refs/tags"];
  return answer(repository, ["for-each-ref", "--format=%(refname:lstrip=2)", ...refs]);
}
