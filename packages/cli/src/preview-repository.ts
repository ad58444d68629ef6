import { access } from "node:fs/promises";
import { readCommit } from "@repotune/git-scraper";
import { isStageError, type Stage } from "@repotune/schema";
import { previewChunks, stage } from "@repotune/semantic-chunker";

/** The chunker's default: who names another history means that one. */
const DEFAULT_COMMITS = "commits.jsonl";

/**
 * The chunker, whose preview takes a commit from the repository itself: no scrape is needed. It looks
 * into `--commits` if that is given, or if there is no repository in the current folder.
 */
export const chunkStage: Stage<typeof stage.options> = {
  ...stage,
  async *preview(revision, options, view, context) {
    const { commits, output: _, repo, ...chunkOptions } = options;
    const fromFile = () => stage.preview?.(revision, options, view, context) ?? [];
    if (commits !== DEFAULT_COMMITS) {
      yield* fromFile();
      return;
    }
    const path = repo ?? ".";
    const commit = await readCommit(path, revision, context).catch(async (error: unknown) => {
      const mayBeFile = isStageError(error) && error.code === "E_NOT_A_REPOSITORY" && !repo;
      if (!mayBeFile || !(await isThere(commits))) throw error;
    });
    if (!commit) yield* fromFile();
    else yield* previewChunks(commit, { repo: path, options: chunkOptions }, view, context);
  },
};

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
