import type { GitProcess, Repository } from "@repotune/git";
import { throwIfAborted } from "@repotune/schema";
import { diffTree, END_MARKER } from "../diff/command.ts";
import { diffRequest } from "../diff/request.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import { AnswerMeter } from "./answer-meter.ts";

/** What the diff of one commit took. */
export interface DiffCost {
  commit: number;
  files: number;
  /** Bytes of the patches inside JSON strings. */
  bytes: number;
  milliseconds: number;
}

export interface DiffSample {
  costs: DiffCost[];
  /** Commits that git gave up over, for missing objects. */
  unreadable: number;
}

/** Commits asked for ahead: git need not wait, and little is left over when the time is up. */
const AHEAD = 16;

/**
 * Diffs commits as a scrape does, in the order given, until they or the time are used up. A commit
 * that git gives up over is passed over.
 *
 * @param limits.least so many are diffed even if it takes up to four times as long.
 */
export async function measureDiffs(
  repository: Repository,
  graph: CommitGraph,
  commits: Iterable<number>,
  limits: { milliseconds: number; least: number; signal?: AbortSignal | undefined },
): Promise<DiffSample> {
  const sample: DiffSample = { costs: [], unreadable: 0 };
  const began = performance.now();
  const isTimeUp = () => {
    const factor = sample.costs.length < limits.least ? 4 : 1;
    return performance.now() - began > limits.milliseconds * factor;
  };
  const iterator = commits[Symbol.iterator]();
  /** Asked for, or to be asked for again, and not answered. */
  let pending: number[] = [];
  let hasMore = true;
  const askMore = (child: GitProcess) => {
    while (hasMore && pending.length < AHEAD) {
      const { value, done } = iterator.next();
      if (done) hasMore = false;
      else {
        pending.push(value);
        child.stdin.write(diffRequest(graph, value, "first-parent"));
      }
    }
    if (!hasMore) child.stdin.end();
  };
  do {
    throwIfAborted(limits.signal);
    const child = repository.spawn(diffTree({ merges: "first-parent", copies: false }));
    // Its own answer says that git has started, which is no part of the first commit's time.
    child.stdin.write(`${END_MARKER}\n`);
    for (const commit of pending) child.stdin.write(diffRequest(graph, commit, "first-parent"));
    askMore(child);
    let since: number | undefined;
    const meter = new AnswerMeter((answer) => {
      const now = performance.now();
      const commit = since === undefined ? undefined : pending.shift();
      if (commit !== undefined && since !== undefined) {
        sample.costs.push({ commit, ...answer, milliseconds: now - since });
      }
      since = now;
    });
    for await (const piece of child.stdout as AsyncIterable<Buffer>) {
      meter.push(piece);
      if (isTimeUp()) break;
      askMore(child);
    }
    child.kill();
    await child.done.catch(() => undefined); // It was stopped, or died over a commit.
    if (pending.length > 0 && !isTimeUp()) {
      sample.unreadable += 1;
      pending = pending.slice(1);
    }
  } while ((hasMore || pending.length > 0) && !isTimeUp());
  return sample;
}
