import { access } from "node:fs/promises";
import { join } from "node:path";
import { StageError, throwIfAborted } from "@repotune/schema";
import { assertLinked, assertOwnFiles } from "./boundary.ts";
import { type BulkOutput, openBulkOutput } from "./bulk-output.ts";
import { gitEnvironment } from "./environment.ts";
import { locateRepository, type RepositoryLocation } from "./locate.ts";
import type { ObjectFormat } from "./object-format.ts";
import { type GitProcess, spawnGit } from "./process.ts";
import { askGit, type Questions } from "./questions.ts";
import { type ShadowFacts, writeShadow } from "./shadow.ts";
import { readSourceConfig, type SourceConfig } from "./source-config.ts";
import { createTemporaryFolder, removeTemporaryFolder } from "./temporary-folder.ts";

/** A repository opened for reading: as it was at that moment, through a shadow of our own. */
export interface Repository {
  /** Absolute path of the repository itself. */
  readonly path: string;
  /** The temporary bare repository that git reads instead. */
  readonly gitDir: string;
  /** Name of the repository's folder. */
  readonly name: string;
  readonly objectFormat: ObjectFormat;
  /** Whether history is cut off somewhere. */
  readonly isShallow: boolean;
  /** Whether objects were left out when it was cloned; here they count as missing. */
  readonly isPartial: boolean;
  /** Places outside of it that hold objects it borrows, and that are not read; sorted. */
  readonly borrowsFrom: readonly string[];
  /**
   * Starts git on the shadow. For streams; close or read what it offers.
   *
   * @throws {StageError} `E_INTERRUPTED` once the repository's signal is aborted.
   */
  spawn(args: readonly string[]): GitProcess;
  /**
   * The same for much output: it comes in large pieces, a moment later. `done` then does not wait
   * for it to be read.
   */
  spawnBulk(args: readonly string[]): Promise<GitProcess>;
  /**
   * What git prints on the shadow, for small answers.
   *
   * @throws {StageError} `E_GIT` or `E_INTERRUPTED`.
   */
  text(args: string[]): Promise<string>;
  /**
   * Makes sure that it is still there: what git cannot read is missing, too, once all of it is gone.
   *
   * @throws {StageError} `E_NOT_FOUND` if it was moved or removed since it was opened.
   */
  assertThere(): Promise<void>;
  /** Ends what still runs and removes the shadow. A second call does nothing. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Once aborted, the repository's processes are ended and the shadow is removed. */
  signal?: AbortSignal | undefined;
  /**
   * Whether objects are read that the repository borrows from elsewhere, through
   * `objects/info/alternates` or symbolic links; otherwise they count as missing. @default false
   */
  alternates?: boolean | undefined;
}

/**
 * Opens the repository at `path`, which nobody needs to trust: nothing in it runs, nothing is
 * written into it, nothing outside of it is read. Close it in a `finally`.
 *
 * @param path root of a work tree (main, linked or a submodule's), a bare repository or a `.git`
 *   folder; not a folder inside a work tree.
 * @throws {StageError} `E_NOT_FOUND`, `E_NOT_A_REPOSITORY`, `E_UNSUPPORTED` (reftable, or
 *   files that lead out of the repository), `E_GIT` (git absent, too old, or failing) or `E_INTERRUPTED`.
 */
export async function openRepository(
  path: string,
  { signal, alternates = false }: OpenOptions = {},
): Promise<Repository> {
  throwIfAborted(signal);
  const location = await locateRepository(path);
  await assertOwnFiles(location);
  const shadow = await createTemporaryFolder("repotune-git-");
  try {
    const env = gitEnvironment(shadow);
    const questions = askGit(shadow, env, signal);
    await questions.checkVersion();
    const config = await readSourceConfig(location, questions.text);
    await assertLinked(location, config.workTree);
    const facts = await writeShadow(shadow, location, config.objectFormat, alternates);
    throwIfAborted(signal);
    return new ShadowRepository({
      location,
      shadow,
      env,
      questions,
      config,
      facts,
      signal,
    });
  } catch (error) {
    await removeTemporaryFolder(shadow);
    throw error;
  }
}

interface Parts {
  location: RepositoryLocation;
  shadow: string;
  env: Record<string, string>;
  questions: Questions;
  config: SourceConfig;
  facts: ShadowFacts;
  signal: AbortSignal | undefined;
}

class ShadowRepository implements Repository {
  readonly path: string;
  readonly gitDir: string;
  readonly name: string;
  readonly objectFormat: ObjectFormat;
  readonly isShallow: boolean;
  readonly isPartial: boolean;
  readonly borrowsFrom: readonly string[];
  readonly #objects: string;
  readonly #env: Record<string, string>;
  readonly #questions: Questions;
  readonly #signal: AbortSignal | undefined;
  readonly #running = new Set<GitProcess>();
  #closing: Promise<void> | undefined;
  readonly #onAbort = () => void this.close().catch(() => undefined); // The caller's close() tells.

  constructor(parts: Parts) {
    this.path = parts.location.path;
    this.name = parts.location.name;
    this.gitDir = parts.shadow;
    this.objectFormat = parts.config.objectFormat;
    this.isPartial = parts.config.isPartial;
    this.isShallow = parts.facts.isShallow;
    this.borrowsFrom = parts.facts.borrowsFrom;
    this.#objects = join(parts.location.commonDir, "objects");
    this.#env = { ...parts.env, GIT_DIR: parts.shadow };
    this.#questions = parts.questions;
    this.#signal = parts.signal;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  spawn(args: readonly string[]): GitProcess {
    return this.#start(args);
  }

  async spawnBulk(args: readonly string[]): Promise<GitProcess> {
    this.#assertOpen();
    const bulk = await openBulkOutput(this.gitDir);
    try {
      return this.#start(args, bulk);
    } catch (error) {
      bulk?.writable.destroy();
      bulk?.stdout.destroy();
      throw error; // It was closed, or interrupted, meanwhile.
    }
  }

  #start(args: readonly string[], bulk?: BulkOutput): GitProcess {
    this.#assertOpen();
    const child = spawnGit(args, { cwd: this.gitDir, env: this.#env }, bulk);
    this.#running.add(child);
    const forget = () => this.#running.delete(child);
    child.done.then(forget, forget);
    return child;
  }

  async text(args: string[]): Promise<string> {
    this.#assertOpen();
    return this.#questions.text(args);
  }

  async assertThere(): Promise<void> {
    await access(this.#objects).catch((cause: unknown) => {
      const message = `The repository ${this.path} was moved or removed while it was read.`;
      throw new StageError("E_NOT_FOUND", message, {
        hint: "Put it back, and run the same command again.",
        cause,
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const running = [...this.#running];
    const reason = this.#signal?.aborted
      ? new StageError("E_INTERRUPTED", "Interrupted.")
      : undefined;
    for (const child of running) child.kill(reason);
    await Promise.allSettled(running.map((child) => child.done));
    await removeTemporaryFolder(this.gitDir);
  }

  #assertOpen(): void {
    throwIfAborted(this.#signal);
    if (this.#closing) throw new StageError("E_INTERNAL", `${this.path} is closed.`);
  }
}
