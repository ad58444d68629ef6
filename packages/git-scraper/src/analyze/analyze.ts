import { availableParallelism } from "node:os";
import { openRepository } from "@repotune/git";
import { type StageContext, StageError } from "@repotune/schema";
import { readHistory } from "../history/read-history.ts";
import { parseRefSelection } from "../history/ref-selection.ts";
import { listRefs } from "../history/refs.ts";
import type { RepositoryAnalysis } from "./analysis.ts";
import { readAuthorship } from "./authorship.ts";
import { countRefs } from "./count-refs.ts";
import { estimateScrape } from "./estimate.ts";
import { measureDiffs } from "./measure-diffs.ts";
import { measureObjectStore } from "./object-store.ts";
import { kindOf, spreadEvenly } from "./sample.ts";

/** What of a repository is looked over, and for which scrape. */
export interface AnalyzeOptions {
  /** Scopes and patterns of refs, as for a scrape. @default "all" */
  refs?: string | undefined;
  /** git processes that a scrape would use for diffs. @default 2 */
  diffProcesses?: number | undefined;
}

/**
 * How long commits are diffed for the estimate: as a share of the time that reading the history
 * took, since a larger one needs a larger sample, within limits; and so many commits at least.
 */
const SAMPLE = { share: 0.5, shortest: 400, longest: 2000, least: 16 };

const HEADS = "refs/heads/";

/**
 * Looks a repository over before it is scraped: what it holds, and what a scrape is likely to take.
 *
 * A fraction of a second for some thousand commits, a few seconds for some hundred thousand: every
 * commit object is read, and a sample of commits is diffed for 0.4 seconds.
 *
 * @param path root of a work tree, or a bare repository.
 * @throws {StageError} as `openRepository` of `@repotune/git`; `E_USAGE` or `E_NOT_FOUND` for
 *   `refs`; `E_TOO_SMALL` for a history without commits; `E_INTERRUPTED`.
 */
export async function analyzeRepository(
  path: string,
  options: AnalyzeOptions = {},
  { signal }: StageContext = {},
): Promise<RepositoryAnalysis> {
  const selection = parseRefSelection(options.refs ?? "all");
  const repository = await openRepository(path, { signal });
  try {
    const refs = await listRefs(repository, selection);
    const began = performance.now();
    const { firstParent } = selection;
    const { graph, missingParents } = await readHistory(repository, refs, { firstParent });
    if (graph.size === 0) {
      throw new StageError("E_TOO_SMALL", `The repository ${repository.path} has no commits.`, {
        hint: "Commit something first, or follow more refs (--refs all).",
      });
    }
    const { authors, dateRange, objectBytes, missing } = await readAuthorship(
      repository,
      graph,
      signal,
    );
    const walkMilliseconds = performance.now() - began;
    const sample = await measureDiffs(repository, graph, spreadEvenly(graph), {
      milliseconds: Math.min(
        SAMPLE.longest,
        Math.max(SAMPLE.shortest, walkMilliseconds * SAMPLE.share),
      ),
      least: SAMPLE.least,
      signal,
    });
    const kinds = { root: 0, merge: 0, plain: 0 };
    for (let commit = 0; commit < graph.size; commit += 1) kinds[kindOf(graph, commit)] += 1;
    const { currentBranch } = refs;
    return {
      repository: repository.name,
      path: repository.path,
      object_format: repository.objectFormat,
      is_shallow: repository.isShallow,
      is_partial: repository.isPartial,
      default_branch: currentBranch === undefined ? null : currentBranch.slice(HEADS.length),
      refs_scope: selection.text,
      refs: countRefs(refs.refs),
      commits: graph.size,
      merges: kinds.merge,
      roots: kinds.root,
      authors,
      date_range: dateRange,
      missing_commits: new Set(missingParents.map(({ parent }) => parent)).size + missing,
      object_store: await measureObjectStore(repository),
      estimate: estimateScrape(graph, sample, {
        objectBytes,
        walkMilliseconds,
        diffProcesses: options.diffProcesses ?? 2,
        processors: availableParallelism(),
      }),
    };
  } finally {
    await repository.close();
  }
}
