import { access } from "node:fs/promises";
import { type WrittenFile, writeFileAtomically, writeJsonFile } from "./atomic-file.ts";
import {
  type Commit,
  CommitLineSchema,
  CommitSchema,
  type CommitsMetadata,
  type CommitsSidecar,
  CommitsSidecarSchema,
  LineageSchema,
} from "./commit.ts";
import { StageError } from "./error.ts";
import { readJsonFile } from "./input-file.ts";
import { recordParser } from "./jsonl.ts";
import { LineageLabels } from "./lineage.ts";
import { type Line, readLines } from "./lines.ts";
import type { Provenance } from "./provenance.ts";

/** Path of the metadata that stands beside a `commits.jsonl`; a `commits.json` holds its own. */
export const commitsSidecarPath = (path: string): string => beside(path, "meta.json");

/** Path of the lineage (branches, tags, mailmap) that stands beside a `commits.jsonl`. */
export const commitsLineagePath = (path: string): string => beside(path, "lineage.json");

const beside = (path: string, ending: string) => `${path.replace(/\.jsonl?$/, "")}.${ending}`;

/** Whether `path` names the one-document form. */
export const isDocument = (path: string) => path.endsWith(".json");

/**
 * Reads a history from `commits.jsonl` or `commits.json`, in memory bounded by its largest commit.
 *
 * Lines of `commits.jsonl` are completed from the lineage beside it; those that no ref leads to any
 * more are passed over, and `commit_number` counts those that are left. Lines that hold whole
 * commits need no lineage.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_TRUNCATED`, `E_SCHEMA_VERSION` or `E_INPUT`; the message
 *   names the line.
 */
export async function* readCommits(path: string): AsyncGenerator<Commit> {
  const labels = isDocument(path) ? undefined : await readLabels(path);
  let count = 0;
  for await (const commit of labels ? completeCommits(path, labels) : wholeCommits(path)) {
    yield commit;
    count += 1;
  }
  const expected = isDocument(path) ? undefined : (await readSidecar(path))?.metadata.total_commits;
  if (expected !== undefined && expected !== count) {
    throw new StageError(
      "E_TRUNCATED",
      `${path} holds ${count} commits; ${commitsSidecarPath(path)} says ${expected}.`,
      { hint: "The file is incomplete: scrape again." },
    );
  }
}

async function* wholeCommits(path: string): AsyncGenerator<Commit> {
  const parse = recordParser(CommitSchema);
  let count = 0;
  for await (const line of isDocument(path) ? documentLines(path) : readLines(path)) {
    if (line.text.trim() === "") continue;
    const commit = parse(line, path);
    checkNumber(commit, count, line, path);
    yield commit;
    count += 1;
  }
}

async function* completeCommits(path: string, labels: LineageLabels): AsyncGenerator<Commit> {
  const parse = recordParser(CommitLineSchema);
  let position = 0;
  let count = 0;
  for await (const line of readLines(path)) {
    if (line.text.trim() === "") continue;
    const record = parse(line, path);
    checkNumber(record, position, line, path);
    const commit = labels.complete(record, position, count);
    position += 1;
    if (!commit) continue;
    yield commit;
    count += 1;
  }
  if (position === labels.size) return;
  throw new StageError(
    "E_TRUNCATED",
    `${path} holds ${position} commits; ${commitsLineagePath(path)} knows ${labels.size}.`,
    { hint: "One of the files is incomplete or not of the same run: scrape again." },
  );
}

function checkNumber(
  { commit_number }: { commit_number: number },
  expected: number,
  line: Line,
  path: string,
): void {
  if (commit_number === expected) return;
  throw new StageError(
    "E_INPUT",
    `${path} line ${line.number}: commit_number is ${commit_number}, expected ${expected}.`,
    { hint: "Commits must stand in the order of the history, none left out: scrape again." },
  );
}

/** What completes the lines of a `commits.jsonl`; undefined for one of whole commits. */
export async function readLabels(path: string): Promise<LineageLabels | undefined> {
  const lineage = commitsLineagePath(path);
  if (await exists(lineage))
    return new LineageLabels(await readJsonFile(lineage, LineageSchema), lineage);
  if (await holdsWholeCommits(path)) return undefined;
  throw new StageError("E_NOT_FOUND", `There is no file ${lineage}, which belongs to ${path}.`, {
    hint: "It holds the commits' branches and tags: keep the two together, or scrape again.",
  });
}

/** Whether the first line has branches of its own; what is wrong with it, its reader will tell. */
async function holdsWholeCommits(path: string): Promise<boolean> {
  for await (const line of readLines(path)) {
    try {
      return JSON.parse(line.text).branches !== undefined;
    } catch {
      return true;
    }
  }
  return true;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What is known of the history as a whole, if the file beside `commits.jsonl` is there. */
export async function readSidecar(path: string): Promise<CommitsSidecar | undefined> {
  const sidecar = commitsSidecarPath(path);
  return (await exists(sidecar)) ? readJsonFile(sidecar, CommitsSidecarSchema) : undefined;
}

/**
 * Writes a history of whole commits: `commits.jsonl` with `commits.meta.json` beside it, or one `commits.json`, as
 * the name says.
 *
 * @param metadata called once all commits are written.
 */
export async function writeCommits(
  path: string,
  commits: AsyncIterable<Commit>,
  provenance: Provenance,
  metadata: () => CommitsMetadata,
): Promise<WrittenFile> {
  if (!isDocument(path)) {
    const written = await writeFileAtomically(path, async (file) => {
      for await (const commit of commits) await file.write(`${JSON.stringify(commit)}\n`);
    });
    await writeJsonFile(commitsSidecarPath(path), { ...provenance, metadata: metadata() });
    return written;
  }
  return writeFileAtomically(path, async (file) => {
    await file.write(`${JSON.stringify(provenance).slice(0, -1)},"commits":[\n`);
    let separator = "";
    for await (const commit of commits) {
      await file.write(`${separator}${JSON.stringify(commit)}`);
      separator = ",\n";
    }
    await file.write(`\n],"metadata":${JSON.stringify(metadata())}}\n`);
  });
}

/** The lines of `commits.json` that hold one commit each, without their commas. */
export async function* documentLines(path: string): AsyncGenerator<Line> {
  let isClosed = false;
  for await (const line of readLines(path)) {
    if (line.number === 1) {
      if (line.text.endsWith('"commits":[')) continue;
      throw new StageError("E_INPUT", `${path} is not laid out with one commit a line.`, {
        hint: `Turn it into lines first: jq -c '.commits[]' ${path} > commits.jsonl`,
      });
    }
    if (line.text.startsWith("],")) {
      isClosed = line.isTerminated;
      continue;
    }
    yield { ...line, text: line.text.endsWith(",") ? line.text.slice(0, -1) : line.text };
  }
  if (!isClosed) {
    throw new StageError("E_TRUNCATED", `${path} is cut off before its metadata.`, {
      hint: "The file is incomplete: scrape again.",
    });
  }
}
