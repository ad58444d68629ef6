import { type Static, Type } from "typebox";
import { MERGE_DIFFS, type MergeDiffs } from "./diff/command.ts";
import { type FilterOptions, filterOptions, normalFilterOptions } from "./filter/options.ts";

const DEFAULTS = {
  mergeDiffs: "first-parent",
  copies: false,
  mergeDetails: false,
  maxPatchBytes: 64 << 20,
  maxCommitBytes: 64 << 20,
  alternates: false,
  diffProcesses: 2,
} as const;

/** How the history is read; shared by the library and the stage. */
const reading = {
  ...filterOptions,
  mergeDiffs: Type.Enum([...MERGE_DIFFS], {
    default: DEFAULTS.mergeDiffs,
    description: "what a merge is compared with: its first parent, all parents (combined), nothing",
  }),
  copies: Type.Boolean({
    default: DEFAULTS.copies,
    description: "find copies of files that change in the same commit, as git's -C",
  }),
  mergeDetails: Type.Boolean({
    default: DEFAULTS.mergeDetails,
    description: "repeat every merge to tell its base and the files in conflict (git 2.39)",
  }),
  maxPatchBytes: Type.Integer({
    minimum: 0,
    maximum: 64 << 20,
    default: DEFAULTS.maxPatchBytes,
    description: "leave out a file's patch beyond this size, in bytes",
  }),
  // Six bytes a character in the worst of JSON: 64 MiB stay below V8's longest string, 512 MiB.
  maxCommitBytes: Type.Integer({
    minimum: 0,
    maximum: 64 << 20,
    default: DEFAULTS.maxCommitBytes,
    description: "leave out further patches of a commit beyond this size in all, in bytes",
  }),
  alternates: Type.Boolean({
    default: DEFAULTS.alternates,
    description: "read objects that the repository borrows from others, too",
  }),
  diffProcesses: Type.Integer({
    minimum: 1,
    maximum: 64,
    default: DEFAULTS.diffProcesses,
    description: "git processes that work out diffs at the same time",
  }),
};

export const ScrapeStageOptions = Type.Object({
  repo: Type.String({ description: "repository: a work tree's root, or a bare one" }),
  output: Type.String({
    default: "commits.jsonl",
    description: "file to write, *.jsonl or *.json; - for JSONL on stdout",
  }),
  sinceState: Type.Optional(
    Type.String({
      description: "append what is new to the output of a finished run: its *.state.jsonl",
    }),
  ),
  saltFile: Type.Optional(
    Type.String({
      description: "replace people, everywhere but in files, by hashes keyed with this file",
    }),
  ),
  ...reading,
});

export type ScrapeStageOptions = Static<typeof ScrapeStageOptions>;

/** How {@link scrapeCommits} reads a history. */
export interface ScrapeOptions extends FilterOptions {
  /** What a merge is compared with. @default "first-parent" */
  mergeDiffs?: MergeDiffs | undefined;
  /** Whether to find copies of files that change in the same commit. @default false */
  copies?: boolean | undefined;
  /** Whether to repeat merges, for their base and the files in conflict. @default false */
  mergeDetails?: boolean | undefined;
  /** A file's patch beyond this many bytes is left out. @default 67108864 (64 MiB) */
  maxPatchBytes?: number | undefined;
  /** A commit's further patches are left out beyond it. @default 67108864 (64 MiB) */
  maxCommitBytes?: number | undefined;
  /** Whether to read objects that the repository borrows from others. @default false */
  alternates?: boolean | undefined;
  /** git processes that work out diffs at the same time. @default 2 */
  diffProcesses?: number | undefined;
  /**
   * A secret. With it, people's names and addresses are replaced by hashes keyed with it, in
   * commits, trailers and messages; files keep what they hold. @default none
   */
  salt?: string | undefined;
}

/** {@link ScrapeOptions} with every default filled in. */
export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/** @throws {StageError} `E_USAGE` for a filter that cannot be used. */
export const resolveOptions = (options: ScrapeOptions) => ({
  ...normalFilterOptions(options),
  mergeDiffs: options.mergeDiffs ?? DEFAULTS.mergeDiffs,
  copies: options.copies ?? DEFAULTS.copies,
  mergeDetails: options.mergeDetails ?? DEFAULTS.mergeDetails,
  maxPatchBytes: options.maxPatchBytes ?? DEFAULTS.maxPatchBytes,
  maxCommitBytes: options.maxCommitBytes ?? DEFAULTS.maxCommitBytes,
  alternates: options.alternates ?? DEFAULTS.alternates,
  diffProcesses: options.diffProcesses ?? DEFAULTS.diffProcesses,
  salt: options.salt,
});
