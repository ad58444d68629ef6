import {
  idDigits,
  ObjectReader,
  openRepository,
  type Repository,
  resolveCommit,
} from "@repotune/git";
import { type Commit, type StageContext, StageError } from "@repotune/schema";
import { CommitAssembler } from "./commit/commit-assembler.ts";
import { type CommitObject, parseCommitObject } from "./commit/commit-object.ts";
import { completeLabels, toCommit } from "./commit/commit-record.ts";
import { DiffPool } from "./diff/diff-pool.ts";
import { DiffRequests } from "./diff/request.ts";
import { CommitGraph } from "./history/commit-graph.ts";
import { resolveOptions } from "./options.ts";

/**
 * Reads one commit as `scrapeCommits` does, without the rest of the history.
 *
 * What takes the history is not told: branches and tags are none, `commit_number` is 0, and the
 * author is called as in the commit.
 *
 * @param path root of a work tree, or a bare repository.
 * @param revision an id or its beginning, a branch, a tag, `HEAD~2`, …
 * @throws {StageError} as `openRepository` and `resolveCommit` of `@repotune/git`; `E_INPUT` for a
 *   commit whose changes cannot be read.
 */
export async function readCommit(
  path: string,
  revision: string,
  { signal }: StageContext = {},
): Promise<Commit> {
  const repository = await openRepository(path, { signal });
  try {
    return await assembleAlone(repository, await resolveCommit(repository, revision));
  } finally {
    await repository.close();
  }
}

async function assembleAlone(repository: Repository, id: string): Promise<Commit> {
  const { object, parents } = await readWithParents(repository, id);
  const graph = new CommitGraph(idDigits(repository.objectFormat));
  for (const parent of parents.keys()) graph.add(parent, []);
  graph.add(id, [...parents.keys()]);
  const position = graph.size - 1;
  const options = { ...resolveOptions({}), diffProcesses: 1 };
  const requests = new DiffRequests(graph, Int32Array.of(position), options.mergeDiffs);
  const pool = new DiffPool(repository, requests, options);
  try {
    const dates = [...parents.values()].map(({ committer }) => committer.seconds ?? Number.NaN);
    const assembler = new CommitAssembler(graph, {
      seconds: Float64Array.of(...dates, Number.NaN),
      binaryBlobs: new Set(),
      unreadableBlobs: pool.unreadable.blobs,
      isKept: undefined,
      maxFiles: undefined,
      people: undefined,
    });
    const { record, failures } = assembler.assemble(position, object, await pool.take(), 0);
    const [failure] = failures.filter(({ filename }) => filename === null);
    if (!record || failure) throw unreadable(id, failure?.reason);
    return toCommit(record, completeLabels({ branches: [], tags: [] }, record, new Map()));
  } finally {
    await pool.close();
  }
}

/** A commit's object, and its parents as far as they are there. */
async function readWithParents(repository: Repository, id: string) {
  const reader = ObjectReader.open(repository);
  try {
    const object = await reader.read(id);
    if (!object) throw unreadable(id);
    const parents = new Map<string, CommitObject>();
    for (const parent of parseCommitObject(object).parents) {
      const data = await reader.read(parent);
      if (data) parents.set(parent, parseCommitObject(data));
    }
    return { object, parents };
  } finally {
    await reader.close();
  }
}

const unreadable = (id: string, reason = "It is missing or damaged.") =>
  new StageError("E_INPUT", `The commit ${id} cannot be read: ${reason}`);
