import { type Static, Type } from "typebox";

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const Side = Type.Enum(["train", "validation", "test"]);

const commit = {
  commit: Type.String({ description: "Hash." }),
  refs: Type.Array(Type.String(), { description: "Branches that contain it, ten at most." }),
};

const copy = {
  ...commit,
  side: Side,
  copy_of: Type.String({ description: "Hash of the earlier commit." }),
  copy_of_side: Side,
  similarity: Share("Jaccard similarity of the changed lines; 1 for the same patch."),
  by: Type.Enum(["patch_id", "lines"]),
};

/** What was found: all counted, the first twenty named. */
const Findings = <T extends Parameters<typeof Type.Object>[0]>(example: T, description: string) =>
  Type.Object(
    { count: Count("In all."), examples: Type.Array(Type.Object(example)) },
    { description },
  );

const OverlapSchema = Type.Object({
  commits: Count("Commits with documents on the side."),
  added_lines: Count("Lines they add that hold a letter or digit; white space does not count."),
  copied_lines: Count("Those that a train commit adds, too."),
  novel_lines: Count("The others."),
  copied_share: Share("copied_lines of added_lines."),
  mostly_copied_commits: Count("Commits of whose added lines at least 90 % are copied."),
});

const RepetitionSchema = Type.Object({
  documents: Count("Documents of the side's commits, before any was left out."),
  in_copied_commits: Count("Of commits that copy one of an earlier side."),
  exact: Count("That repeat an earlier document token for token."),
  exact_of_earlier_side: Count("Of them, those that repeat one of an earlier side."),
  near: Count("Whose new text is 0.9 like an earlier document's."),
  near_of_earlier_side: Count("Of them, those that are like one of an earlier side."),
  repeated_share: Share("in_copied_commits, exact and near, of the documents."),
});

/** What of one side of a dataset the future or another side could have told. */
export const LeakAuditSchema = Type.Object({
  is_clean: Type.Boolean({ description: "Whether nothing was found in the files written." }),
  found: Type.Object(
    {
      misplaced_commits: Findings(
        { ...commit, side: Side, belongs_to: Type.Union([Side, Type.Null()]) },
        "Commits with documents on a side where they do not belong; null: on none.",
      ),
      copied_commits: Findings(copy, "Commits that copy one of an earlier side."),
      straddling_windows: Findings(
        {
          side: Side,
          row: Type.Integer({ minimum: 0 }),
          start: Type.Integer(),
          end: Type.Integer(),
        },
        "Pieces or windows that hold text of two sides.",
      ),
      repeated_documents: Count("Documents that stand token for token on an earlier side."),
    },
    { description: "Leaks in the files as they were written." },
  ),
  kept_out: Type.Object(
    {
      future_commits: Findings(
        commit,
        "Not merged, and on refs that carry on after the first cut: on no side.",
      ),
      merged_later: Findings(
        commit,
        "Written before the first cut, and merged after it: on a held-out side.",
      ),
      copied_commits: Findings(copy, "Left out of a held-out side: an earlier side has them."),
      windows_across_cuts: Count("Windows that would have reached over a cut."),
    },
    { description: "Leaks that the history holds, and the split kept out." },
  ),
  repetition: Type.Object(
    { train: RepetitionSchema, validation: RepetitionSchema, test: RepetitionSchema },
    { description: "Documents that repeat earlier ones, of their side or of one before." },
  ),
  line_overlap: Type.Object(
    {
      error_rate: Share("Probability that a novel line counts as copied."),
      validation: OverlapSchema,
      test: OverlapSchema,
    },
    { description: "Lines that held-out commits add, and train commits added before." },
  ),
});

/** The leak audit of a dataset. */
export type LeakAudit = Static<typeof LeakAuditSchema>;
