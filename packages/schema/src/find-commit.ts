import { type Commit, CommitLineSchema, CommitSchema } from "./commit.ts";
import { documentLines, isDocument, readLabels } from "./commits-file.ts";
import { StageError } from "./error.ts";
import { recordParser } from "./jsonl.ts";
import { type LineageLabels, shortRef } from "./lineage.ts";
import { readLines } from "./lines.ts";
import { NearIds } from "./near-ids.ts";
import { nearNames } from "./near-names.ts";

/** An id is abbreviated to no fewer digits, as in git. */
const ABBREVIATED_ID = /^[0-9a-f]{4,64}$/;

/** Commits that an error lists at most. */
const LISTED = 5;

/** A line that holds a commit, and is only parsed on demand. */
interface CommitText {
  text: string;
  /** undefined if no ref leads to the commit any more. */
  read(): Commit | undefined;
}

/**
 * Finds one commit of a `commits.jsonl` or `commits.json`.
 *
 * Other lines are passed over unparsed, and those behind the commit are not read, unless another
 * commit's id may begin with the same digits.
 *
 * @param revision an id or its beginning, a branch, a tag, or `HEAD`. A name goes before an id.
 * @throws {StageError} `E_NOT_FOUND` if no commit answers to it, `E_USAGE` if several do; else as
 *   `readCommits`.
 */
export async function findCommit(path: string, revision: string): Promise<Commit> {
  const labels = isDocument(path) ? undefined : await readLabels(path);
  const position = labels?.positionOf(revision);
  const name = shortRef(revision);
  const id = revision.toLowerCase();
  const isId = ABBREVIATED_ID.test(id);
  const near = new NearIds(id);
  const found: Commit[] = [];
  let named: Commit | undefined;
  let at = 0;
  for await (const line of commitTexts(path, labels)) {
    const isNamed = position === at;
    at += 1;
    if (isNamed) return line.read() ?? Promise.reject(notFound(path, revision, []));
    if (position !== undefined) continue;
    if (isId) near.see(line.text);
    if (!line.text.includes(isId ? id : name) && name !== "HEAD") continue;
    const commit = line.read();
    if (!commit) continue;
    // The last commit that is part of a branch is the branch.
    if (!labels && hasName(commit, name)) named = commit;
    if (!isId || !commit.metadata.hash.startsWith(id)) continue;
    if (commit.metadata.hash === id) return commit;
    found.push(commit);
  }
  const [first, second] = named ? [named] : found;
  if (!first) {
    const names = labels ? nearNames(name, labels.names) : [];
    throw notFound(path, revision, [...names, ...near.ids]);
  }
  if (second) throw ambiguous(path, revision, found);
  return first;
}

async function* commitTexts(
  path: string,
  labels: LineageLabels | undefined,
): AsyncGenerator<CommitText> {
  const parse = recordParser(CommitSchema);
  const parseLine = recordParser(CommitLineSchema);
  let position = 0;
  let count = 0;
  for await (const line of isDocument(path) ? documentLines(path) : readLines(path)) {
    if (line.text.trim() === "") continue;
    const [at, number] = [position, count];
    position += 1;
    if (labels?.isReached(at) !== false) count += 1;
    yield {
      text: line.text,
      read: () => (labels ? labels.complete(parseLine(line, path), at, number) : parse(line, path)),
    };
  }
}

/** Whether a commit that holds its own labels is on a tag, or part of a branch, of this name. */
const hasName = ({ branches, tags }: Commit, name: string) =>
  tags.includes(name) ||
  branches.some(({ branch_name, is_current }) =>
    name === "HEAD" ? is_current : branch_name === name,
  );

function notFound(path: string, revision: string, near: readonly string[]): StageError {
  const hint =
    near.length > 0
      ? `Near are: ${near.join(", ")}.`
      : "Give a commit's id or at least 4 digits of it, a branch or a tag of that history, or HEAD.";
  return new StageError("E_NOT_FOUND", `${path} has no commit "${revision}".`, { hint });
}

function ambiguous(path: string, revision: string, found: readonly Commit[]): StageError {
  const listed = found
    .slice(0, LISTED)
    .map(({ metadata }) => `${metadata.hash.slice(0, 12)} (${metadata.message.slice(0, 50)})`);
  const more = found.length > LISTED ? ` and ${found.length - LISTED} more` : "";
  return new StageError("E_USAGE", `${found.length} commits of ${path} begin with "${revision}".`, {
    hint: `Give more digits: ${listed.join(", ")}${more}.`,
  });
}
