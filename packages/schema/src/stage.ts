import type { createColors } from "picocolors";
import type { Static, TObject } from "typebox";
import type { Producer } from "./version.ts";

/** A moment of a long piece of work. Stages report these; only a command line draws them. */
export interface Progress {
  /** Package name of the stage without its scope, e.g. `git-scraper`. */
  stage: string;
  /** Units finished so far. */
  done: number;
  /** Units in all, where known. */
  total?: number | undefined;
  /** What is counted, in the plural: `commits`, `chunks`, `steps`. */
  unit: string;
  /** A few figures of the moment for a person to watch, e.g. `{ loss: 2.31 }`. */
  detail?: Record<string, string | number> | undefined;
}

/** What every stage accepts besides its own options. */
export interface StageContext {
  /** Ends the work early and cleanly; the stage then rejects with `E_INTERRUPTED`. */
  signal?: AbortSignal | undefined;
  /** Called often; must return quickly. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Something the user should know that does not stop the work, as one sentence. */
  onNotice?: ((notice: string) => void) | undefined;
}

/** What a finished stage tells a person, e.g. `{ commits: 612, failures: 0 }`. */
export type StageSummary = Record<string, string | number | boolean | null>;

/** How a preview, or a report on a result, is to look. */
export interface PreviewView {
  /** Lines of JSON for a program. */
  isJson: boolean;
  /** Width that lines should not exceed. */
  columns: number;
  /** Colours that do nothing where none are wanted. */
  colors: ReturnType<typeof createColors>;
}

/**
 * One step of the pipeline, from files to files.
 *
 * `options` is the single declaration of the stage's options: the library's type, the command
 * line's flags and the options recorded in artefacts all come from it. The functions are methods, so
 * that stages of different options fit in one list of `Stage`.
 */
export interface Stage<Options extends TObject = TObject> {
  /** Package and version; recorded in every artefact. */
  producer: Producer;
  /** Subcommand of the umbrella, e.g. `scrape`. */
  verb: string;
  /** One sentence, for `--help`. */
  summary: string;
  options: Options;
  /** Options that only say where or how fast the work is done, and leave the result as it is. */
  incidental?: readonly string[];
  /** Files the result depends on. */
  inputs(options: Static<Options>): string[];
  /** Files the stage leaves behind, the principal one first. */
  outputs(options: Static<Options>): string[];
  /** What the result depends on beside `inputs`, e.g. a repository's refs. Any string. */
  fingerprint?(options: Static<Options>, context: StageContext): Promise<string>;
  run(options: Static<Options>, context: StageContext): Promise<StageSummary>;
  /**
   * Shows what the stage makes of one commit, and writes no file.
   *
   * @param revision an id or its beginning, a branch, a tag, or `HEAD`.
   * @returns pieces of text, to be written as they are.
   */
  preview?(
    revision: string,
    options: Static<Options>,
    view: PreviewView,
    context: StageContext,
  ): AsyncIterable<string>;
  /**
   * Shows what the stage has made, and writes no file.
   *
   * @returns pieces of text, to be written as they are.
   */
  inspect?(
    options: Static<Options>,
    view: PreviewView,
    context: StageContext,
  ): AsyncIterable<string>;
}

/** Declares a stage; only infers the type of its options. */
export const defineStage = <Options extends TObject>(stage: Stage<Options>): Stage<Options> =>
  stage;
