import { type GitProcess, isObjectId, type Repository } from "@repotune/git";
import { StageError } from "@repotune/schema";
import { MergeShadow } from "./merge-shadow.ts";
import { type ConflictedPaths, MergeTreeParser } from "./merge-tree-parser.ts";
import { assertRepeatsMerges } from "./merge-tree-version.ts";
import { ownPaths } from "./set-aside.ts";

/** Merges that one process is given: what they write is removed after it. */
const BATCH = 512;

/**
 * Repeats merges as git's own strategy (ort) does by itself, with its default settings: the paths
 * are those of `git diff --name-only --diff-filter=U` after `git merge`. Attributes of the
 * repository have no effect, so that no merge driver runs.
 */
const MERGE_TREE = [
  ...["-c", "merge.renames=true"],
  ...["-c", "merge.renameLimit=7000"],
  ...["-c", "merge.directoryRenames=conflict"],
  ...["-c", "merge.renormalize=false"],
  "merge-tree",
  "--write-tree",
  "--stdin",
  "-z",
  "--name-only",
  "--no-messages",
] as const;

interface Request {
  ours: string;
  theirs: string;
  resolve: (paths: ConflictedPaths | undefined) => void;
  reject: (error: unknown) => void;
}

/**
 * Finds which files conflict when merges are repeated, many by one process.
 *
 * git does not print an answer before its buffer is full or its input ends. So a process gets what
 * is asked for at the moment, and ends; the next one gets what was asked for meanwhile. Ask for
 * many merges before waiting for the first.
 *
 * What merges write goes into a folder of the shadow. One trace is left in the repository: where a
 * merge gives an object that is there already, git sets the time of modification of its pack or
 * file to now (freshen_file in object-file.c), as it does to keep it from being pruned. No byte
 * changes, and no option turns it off.
 */
export class ConflictFinder {
  readonly #repository: Repository;
  readonly #shadow: MergeShadow;
  #requests: Request[] = [];
  /** Merges for the next process; fewer after one crashed, to find out over which. */
  #batch = BATCH;
  #process: GitProcess | undefined;
  #working: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  private constructor(repository: Repository, shadow: MergeShadow) {
    this.#repository = repository;
    this.#shadow = shadow;
  }

  /** @throws {StageError} `E_UNSUPPORTED` if git is older than 2.39. */
  static async open(repository: Repository): Promise<ConflictFinder> {
    assertRepeatsMerges(await repository.text(["version"]));
    return new ConflictFinder(repository, await MergeShadow.create(repository));
  }

  /**
   * Paths that conflict when two commits are merged; none if git merges them by itself.
   *
   * For merges of two parents: git has no such answer for more.
   *
   * @param ours id of the first parent.
   * @param theirs id of the second parent.
   * @returns exact bytes, sorted; undefined if git cannot say: without a common ancestor, with
   *   missing or damaged objects, or if it crashes.
   * @throws {StageError} `E_INPUT` for what is no full object id, `E_GIT` or `E_INTERRUPTED`.
   */
  conflictedFiles(ours: string, theirs: string): Promise<ConflictedPaths | undefined> {
    const { objectFormat } = this.#repository;
    const wrong = [ours, theirs].find((id) => !isObjectId(id, objectFormat));
    if (wrong !== undefined) {
      const message = `${JSON.stringify(wrong)} is not a ${objectFormat} object id.`;
      return Promise.reject(new StageError("E_INPUT", message));
    }
    const answer = new Promise<ConflictedPaths | undefined>((resolve, reject) => {
      this.#requests.push({ ours, theirs, resolve, reject });
      // Not at once, so that the first process gets all that is asked for at the moment.
      this.#working ??= Promise.resolve().then(() => this.#work());
    });
    answer.catch(() => undefined); // Many are asked for ahead; the first to fail is enough.
    return answer;
  }

  /** Ends the process; requests still open fail. */
  async close(): Promise<void> {
    this.#failure ??= { error: new StageError("E_INTERNAL", "The conflict finder is closed.") };
    this.#process?.kill();
    await this.#working;
    await this.#shadow.remove();
  }

  async #work(): Promise<void> {
    try {
      while (this.#requests.length > 0) {
        if (this.#failure) throw this.#failure.error;
        await this.#runProcess(this.#requests.slice(0, this.#batch));
        await this.#shadow.clear();
      }
    } catch (error) {
      this.#failure ??= { error };
      const open = this.#requests;
      this.#requests = [];
      for (const request of open) request.reject(this.#failure.error);
    } finally {
      this.#working = undefined;
    }
  }

  /** Has one process answer a batch, up to the merge it dies over. */
  async #runProcess(batch: readonly Request[]): Promise<void> {
    const child = this.#repository.spawn([`--git-dir=${this.#shadow.gitDir}`, ...MERGE_TREE]);
    this.#process = child;
    let answered = 0;
    const parser = new MergeTreeParser((paths) => {
      answered += 1;
      this.#answer(paths);
    });
    child.stdin.end(batch.map(({ ours, theirs }) => `${ours} ${theirs}\n`).join(""));
    try {
      for await (const piece of child.stdout) parser.push(piece);
    } catch (error) {
      child.kill();
      throw error;
    }
    const error: unknown = await child.done.then(
      () => new StageError("E_GIT", "git merge-tree ended early."),
      (reason: unknown) => reason,
    );
    const isWhole = answered === batch.length;
    /** Negative if git could not be started, null after a crash. */
    const status = child.exitCode;
    if (this.#failure) throw this.#failure.error;
    if (status === 0 && isWhole) this.#batch = Math.min(BATCH, this.#batch * 2);
    else if (isWhole || status === 0 || (status ?? 0) < 0) throw error;
    // git gave up over this merge, and has printed what it had of those before.
    else if (status !== null || batch.length === 1) this.#answer(undefined);
    // A crash takes what was in git's buffer with it: it may have been any of the merges left.
    else this.#batch = 1;
  }

  /** git answers in order. */
  #answer(paths: ConflictedPaths | undefined): void {
    const request = this.#requests.shift();
    if (!request) throw new StageError("E_INTERNAL", "git merge-tree answered without a request.");
    request.resolve(paths && ownPaths(paths, request));
  }
}
