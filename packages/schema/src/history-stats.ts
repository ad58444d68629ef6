import { type Static, Type } from "typebox";
import { provenance } from "./provenance.ts";

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const Timestamp = (description: string) =>
  Type.Union([Type.String(), Type.Null()], {
    description: `${description}, ISO 8601 with its own offset; null where no date is known.`,
  });

const Filename = {
  filename: Type.String({ description: "The file's last name." }),
  filename_bytes: Type.Optional(
    Type.String({ description: "Exact bytes of `filename` in base64, where it is not UTF-8." }),
  ),
};

const Author = Count("Position in `authors`.");

const AuthorSchema = Type.Object({
  name: Type.String(),
  email: Type.String(),
  commits: Count("Commits, merges among them."),
  merges: Count("Commits with two or more parents."),
  insertions: Count("Lines added by commits that are no merges."),
  deletions: Count("Lines removed by commits that are no merges."),
  first: Timestamp("Earliest author date"),
  last: Timestamp("Latest author date"),
});

const OwnershipSchema = Type.Object({
  ...Filename,
  commits: Count("Commits that changed the file; merges do not count."),
  additions: Count("Lines they added."),
  authors: Type.Array(
    Type.Object({
      author: Author,
      commits: Count("Of these commits."),
      additions: Count("Of these lines."),
      commit_share: Share("Of the file's commits."),
      line_share: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
        description: "Of these lines; null if there are none, as in a binary file.",
      }),
    }),
    { description: "By lines added, then by commits, most first." },
  ),
});

const ChangeFrequencySchema = Type.Object({
  ...Filename,
  exists: Type.Boolean({ description: "Whether the last commit that touched it left it there." }),
  renamed_from: Type.Array(Type.String(), {
    description: "Names it had before, the oldest first. Its history under them is counted in.",
  }),
  commits: Count("Commits that changed the file; merges do not count."),
  additions: Count("Lines they added."),
  deletions: Count("Lines they removed."),
  first: Timestamp("Earliest author date of these commits"),
  last: Timestamp("Latest author date of these commits"),
});

const CoChangeSchema = Type.Object({
  files: Type.Tuple([Count("Position in `change_frequency`."), Count("The same.")], {
    description: "The pair, the file that changes more often first.",
  }),
  support: Count("Commits that changed both."),
  confidence: Type.Tuple(
    [Share("Of the commits with the first file, those with both."), Share("Of the second's.")],
    { description: "How often the other one changed too, for each of the two." },
  ),
  lift: Type.Number({
    minimum: 0,
    description: "Support over what it were if the two changed independently; 1 says nothing.",
  }),
});

const CoChangesSchema = Type.Object({
  max_commit_files: Count("Commits with more files are no evidence, and do not count here."),
  min_support: Count("Pairs with less support are left out."),
  commits: Count("Commits that count: no merges, at least one file, not too many."),
  commits_too_large: Count("Commits that do not, for having too many files."),
  pairs_left_out: Count("Weaker pairs that were cut off, all of sufficient support."),
  pairs: Type.Array(CoChangeSchema, { description: "By support, then by lift, most first." }),
});

const CollaborationSchema = Type.Object({
  pairs_left_out: Count("Weaker pairs that were cut off."),
  pairs: Type.Array(
    Type.Object({
      authors: Type.Tuple([Author, Author], {
        description: "The pair, in the order of `authors`.",
      }),
      shared_files: Count("Files that both changed."),
      shared_lines: Count("Lines added by the one of the two who added less, over these files."),
    }),
    { description: "By shared files, then by shared lines, most first." },
  ),
});

const MonthSchema = Type.Object({
  month: Type.String({ description: "`2025-01`: the month in UTC of the author date." }),
  commits: Count("Commits, merges among them."),
  merges: Count("Commits with two or more parents."),
  insertions: Count("Lines added by commits that are no merges."),
  deletions: Count("Lines removed by commits that are no merges."),
  authors: Type.Array(Type.Object({ author: Author, commits: Count("Merges among them.") }), {
    description: "By commits, most first.",
  }),
});

const HistoryStatsTables = Type.Object({
  authors: Type.Array(AuthorSchema, {
    description: "By commits, most first. Other tables name an author by the position here.",
  }),
  months: Type.Array(MonthSchema, { description: "Months with commits, oldest first." }),
  undated_commits: Count("Commits without an author date, which are in no month."),
  ownership: Type.Array(OwnershipSchema, { description: "Files that exist, by name." }),
  change_frequency: Type.Array(ChangeFrequencySchema, {
    description: "Files that exist or existed, by commits, most first.",
  }),
  co_changes: CoChangesSchema,
  collaboration: CollaborationSchema,
});

/** What a history tells about its files and authors as a whole. */
export type HistoryStats = Static<typeof HistoryStatsTables>;

/** JSON Schema of `history_stats.json`. */
export const HistoryStatsSchema = Type.Object(
  { ...provenance, ...HistoryStatsTables.properties },
  { $id: "https://repotune.dev/schema/1/history-stats.schema.json", title: "history_stats.json" },
);

/** {@link HistoryStats} with where they come from. */
export type HistoryStatsFile = Static<typeof HistoryStatsSchema>;
