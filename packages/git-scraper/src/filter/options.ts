import { Type } from "typebox";
import { parseRefSelection, REF_SCOPES } from "../history/ref-selection.ts";
import { type CommitFilterOptions, compileCommitFilter } from "./commit-filter.ts";
import { normalDate } from "./dates.ts";
import { listItems, normalList } from "./list.ts";
import {
  compilePathFilter,
  extensionNames,
  type PathFilterOptions,
  pathPatterns,
} from "./path-filter.ts";

/** What of a history is read. */
export interface FilterOptions extends CommitFilterOptions, PathFilterOptions {
  /** Scopes and patterns of refs, as `parseRefSelection` reads them. @default "all" */
  refs?: string | undefined;
  /** Files of a commit that keep their patch. @default none: all do */
  maxFiles?: number | undefined;
}

/** {@link FilterOptions} as they are declared to the library, the command line and a configuration. */
export const filterOptions = {
  refs: Type.String({
    default: "all",
    description: `refs to follow, comma-separated: ${REF_SCOPES.join(", ")} (first parents of HEAD), or patterns such as main, release/*, !refs/pull/*`,
  }),
  since: Type.Optional(
    Type.String({ description: "leave out commits before this day or moment, ISO 8601 (UTC)" }),
  ),
  until: Type.Optional(
    Type.String({ description: "leave out commits after this day or moment, ISO 8601 (UTC)" }),
  ),
  authors: Type.Optional(
    Type.String({
      description:
        'keep commits whose author, "Name <email>", contains one of these; comma-separated',
    }),
  ),
  excludeAuthors: Type.Optional(
    Type.String({ description: "leave out commits whose author contains one of these" }),
  ),
  bots: Type.Boolean({ default: true, description: "leave out commits of bots" }),
  merges: Type.Boolean({ default: true, description: "leave out merge commits" }),
  paths: Type.Optional(
    Type.String({
      description: "keep files that match one of these, as in a .gitignore: src/**,docs,!*.lock",
    }),
  ),
  extensions: Type.Optional(
    Type.String({ description: "keep files with one of these extensions: rs,toml" }),
  ),
  maxFiles: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: "leave out patches of a commit's files beyond so many",
    }),
  ),
};

/** {@link FilterOptions} in their normal form: what reads the same is the same. */
export type NormalFilterOptions = Omit<FilterOptions, "refs" | "bots" | "merges"> & {
  refs: string;
  bots: boolean;
  merges: boolean;
};

/**
 * Brings options to their normal form, for they are recorded: dates in UTC, lists without
 * repetitions in one order, authors and extensions in lower case.
 *
 * @throws {StageError} `E_USAGE` for the first that cannot be used.
 */
export function normalFilterOptions(options: FilterOptions): NormalFilterOptions {
  compileCommitFilter(options, () => false);
  compilePathFilter(options);
  const { since, until, maxFiles } = options;
  const authors = (list: string | undefined) => normalList(listItems(list?.toLowerCase() ?? ""));
  return {
    refs: parseRefSelection(options.refs ?? "all").text,
    since: since === undefined ? undefined : normalDate(since, "since"),
    until: until === undefined ? undefined : normalDate(until, "until"),
    authors: authors(options.authors),
    excludeAuthors: authors(options.excludeAuthors),
    bots: options.bots ?? true,
    merges: options.merges ?? true,
    paths: normalList(pathPatterns(options.paths)),
    extensions: normalList(extensionNames(options.extensions)),
    maxFiles,
  };
}
