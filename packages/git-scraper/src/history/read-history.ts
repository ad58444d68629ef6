import { idDigits, type Repository } from "@repotune/git";
import { isStageError } from "@repotune/schema";
import { CommitGraph } from "./commit-graph.ts";
import { graftMissingParents, type MissingParent } from "./missing-commits.ts";
import { readLatin1Lines } from "./read-lines.ts";
import type { Refs } from "./refs.ts";

/** The commits of a history and what of it could not be reached. */
export interface History {
  graph: CommitGraph;
  missingParents: MissingParent[];
}

export interface ReadHistoryOptions {
  /**
   * Whether merges are followed to their first parent only, so that what they brought in is part of
   * no history but its own. @default false
   */
  firstParent?: boolean | undefined;
  /** Told now and then how many commits were found so far. */
  onProgress?: ((found: number) => void) | undefined;
}

/** Commits after which progress is told. */
const STEP = 4096;

/**
 * Lists every commit that the refs reach, in the order of
 * `git rev-list --all --date-order --reverse`.
 *
 * Where a commit is missing or damaged, its children are read as if it were not their parent.
 */
export async function readHistory(
  repository: Repository,
  refs: Refs,
  { firstParent = false, onProgress }: ReadHistoryOptions = {},
): Promise<History> {
  // In the order of `--all`, which decides between commits of one second: refs by name, then HEAD.
  const tips = refs.refs.map((ref) => ref.commit);
  if (refs.head !== undefined) tips.push(refs.head);
  if (tips.length === 0) return { graph: newGraph(repository), missingParents: [] };
  try {
    return { graph: await revList(repository, tips, firstParent, onProgress), missingParents: [] };
  } catch (error) {
    if (!isStageError(error) || error.code !== "E_GIT") throw error;
    const { missingParents, readableTips } = await graftMissingParents(
      repository,
      tips,
      firstParent,
    );
    if (missingParents.length === 0 && readableTips.length === tips.length) throw error;
    return {
      graph: await revList(repository, readableTips, firstParent, onProgress),
      missingParents,
    };
  }
}

const newGraph = (repository: Repository) => new CommitGraph(idDigits(repository.objectFormat));

async function revList(
  repository: Repository,
  tips: readonly string[],
  firstParent: boolean,
  onProgress: ReadHistoryOptions["onProgress"],
): Promise<CommitGraph> {
  const args = ["--date-order", "--reverse", "--parents", "--ignore-missing", "--stdin"];
  if (firstParent) args.push("--first-parent"); // It still prints all parents of a merge.
  const child = repository.spawn(["rev-list", ...args]);
  child.stdin.end(`${tips.join("\n")}\n`);
  const graph = newGraph(repository);
  for await (const line of readLatin1Lines(child.stdout)) {
    const [id = "", ...parents] = line.split(" ");
    graph.add(id, parents);
    if (graph.size % STEP === 0) onProgress?.(graph.size);
  }
  await child.done;
  return graph;
}
