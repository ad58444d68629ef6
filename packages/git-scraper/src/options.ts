import { type Static, Type } from "typebox";
import { REF_SCOPES, type RefScope } from "./history/refs.ts";

const DEFAULTS = {
  refs: "all",
  maxPatchBytes: 16 << 20,
  maxCommitBytes: 64 << 20,
  diffProcesses: 2,
} as const;

/** How the history is read; shared by the library and the stage. */
const reading = {
  refs: Type.Enum([...REF_SCOPES], {
    default: DEFAULTS.refs,
    description:
      "refs to follow: all (as git log --all), branches (with remote ones and tags), heads (local branches), head",
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
  ...reading,
});

export type ScrapeStageOptions = Static<typeof ScrapeStageOptions>;

/** How {@link scrapeCommits} reads a history. */
export interface ScrapeOptions {
  /** @default "all" */
  refs?: RefScope | undefined;
  /** A file's patch beyond this many bytes is left out. @default 16777216 (16 MiB) */
  maxPatchBytes?: number | undefined;
  /** A commit's further patches are left out beyond it. @default 67108864 (64 MiB) */
  maxCommitBytes?: number | undefined;
  /** git processes that work out diffs at the same time. @default 2 */
  diffProcesses?: number | undefined;
}

/** {@link ScrapeOptions} with every default filled in. */
export interface ResolvedOptions {
  refs: RefScope;
  maxPatchBytes: number;
  maxCommitBytes: number;
  diffProcesses: number;
}

export const resolveOptions = (options: ScrapeOptions): ResolvedOptions => ({
  refs: options.refs ?? DEFAULTS.refs,
  maxPatchBytes: options.maxPatchBytes ?? DEFAULTS.maxPatchBytes,
  maxCommitBytes: options.maxCommitBytes ?? DEFAULTS.maxCommitBytes,
  diffProcesses: options.diffProcesses ?? DEFAULTS.diffProcesses,
});
