import { type Static, Type } from "typebox";
import { provenance } from "./provenance.ts";

/** What happened to a unit, by structure alone. */
export const UNIT_OPS = ["added", "modified", "removed", "moved", "renamed"] as const;

/** What a change to a unit means, inferred; a closed set, because each has a token of its own. */
export const CHANGE_TYPES = [
  "new_function",
  "new_struct",
  "new_enum",
  "new_trait",
  "new_impl",
  "new_module",
  "new_macro",
  "new_constant",
  "new_type",
  "new_test",
  "new_file",
  "modified_function",
  "modified_struct",
  "modified_enum",
  "modified_trait",
  "modified_impl",
  "modified_test",
  "modified_logic",
  "bug_fix",
  "optimization",
  "refactoring",
  "documentation",
  "configuration",
  "imports",
  "deletion",
] as const;

export type UnitOp = (typeof UNIT_OPS)[number];
export type ChangeType = (typeof CHANGE_TYPES)[number];

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(
  type: T,
  description: string,
) => Type.Union([type, Type.Null()], { description });
const LineRange = (side: string) =>
  Type.Union(
    [Type.Array(Type.Integer({ minimum: 1 }), { minItems: 2, maxItems: 2 }), Type.Null()],
    {
      description: `First and last line in the ${side} file, from 1; null where the unit is absent.`,
    },
  );

/** What a unit is called. */
const unitNames = {
  function_name: nullable(Type.String(), "Bare name of a function or test."),
  qualified_name: nullable(Type.String(), "`module::<Type as Trait>::name`."),
  old_name: Type.Optional(
    Type.String({
      description: "Bare name, or section, before the change, of what was renamed.",
    }),
  ),
};

const unitSection = nullable(
  Type.String(),
  "Heading path or table of a document or configuration.",
);

const UnitLines = Type.Object({ old: LineRange("old"), new: LineRange("new") });

/** JSON Schema of one unit of a chunk that holds several. */
const ChunkMemberSchema = Type.Object({
  ...unitNames,
  section: unitSection,
  line_range: UnitLines,
  additions: Type.Integer({ minimum: 0 }),
  deletions: Type.Integer({ minimum: 0 }),
});

/** JSON Schema of one line of `chunks.jsonl`. */
export const ChunkSchema = Type.Object(
  {
    schema_version: provenance.schema_version,
    chunk_id: Type.String({ description: "`<abbrev_hash>_<index in the commit, from 0>`." }),
    commit_hash: Type.String({ pattern: "^[0-9a-f]{40,64}$" }),
    commit_number: Type.Integer({ minimum: 0, description: "As in commits.jsonl." }),
    file_path: Type.String({ description: "Path after the change (before it, for a deletion)." }),
    old_file_path: nullable(Type.String(), "Path the unit came from, where it is another."),
    file_type: Type.Enum(
      ["source", "test", "bench", "example", "documentation", "configuration", "data", "other"],
      { description: "Role of the file, by its path." },
    ),
    language: Type.String({ description: "Lower-case name such as `rust`; `text` if unknown." }),
    op: Type.Enum([...UNIT_OPS], { description: "What happened to the unit, by structure." }),
    is_cosmetic: Type.Boolean({
      description: "Whether only white space or comments' layout moved.",
    }),
    change_type: Type.Enum([...CHANGE_TYPES], { description: "What the change means." }),
    change_type_source: Type.Enum(["path", "syntax", "message"], {
      description: "The evidence that `change_type` rests on.",
    }),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    change_category: Type.Enum(["A", "M", "D", "R", "C", "T"], {
      description: "git's letter for the file.",
    }),
    kind: Type.String({
      description: "Kind of unit: function, struct, impl, use, section, table, hunk, …",
    }),
    ...unitNames,
    module_path: nullable(Type.String(), "Module the unit lies in, such as `ledger::store`."),
    section: unitSection,
    line_range: UnitLines,
    members: Type.Optional(
      Type.Array(ChunkMemberSchema, {
        minItems: 2,
        description:
          "The units of a chunk that holds several tiny ones in a row; its own names are the first's.",
      }),
    ),
    old_code: nullable(Type.String(), "The whole unit before the change."),
    new_code: nullable(Type.String(), "The whole unit after the change."),
    patch: Type.String({ description: "The unit's own lines of the unified diff, hunk by hunk." }),
    additions: Type.Integer({ minimum: 0 }),
    deletions: Type.Integer({ minimum: 0 }),
    part: Type.Union(
      [
        Type.Object({ index: Type.Integer({ minimum: 0 }), count: Type.Integer({ minimum: 2 }) }),
        Type.Null(),
      ],
      { description: "Which part of a unit too long for one chunk; null for a whole unit." },
    ),
    commit_metadata: Type.Object({
      hash: Type.String(),
      author: Type.String(),
      author_email: Type.String(),
      timestamp: Type.Union([Type.String(), Type.Null()]),
      timestamp_unix: Type.Integer(),
      message: Type.String(),
      task: Type.Optional(
        Type.String({
          description:
            "What the commit does, in one line derived from its units; beside the message, which may be empty.",
        }),
      ),
    }),
    related_files: Type.Array(Type.String(), {
      description: "Other files that changed in the same commit: the 16 nearest in order of paths.",
    }),
    linked_files: Type.Optional(
      Type.Object(
        {
          imports: Type.Array(Type.String(), { maxItems: 8, description: "Files it names." }),
          imported_by: Type.Array(Type.String(), {
            maxItems: 8,
            description: "Files that name it.",
          }),
        },
        {
          description:
            "Files linked with this one by `mod`, `use`, `import`, `require` or `#include`, the " +
            "nearest 8 either way, whether they changed or not; absent where there are none.",
        },
      ),
    ),
    secrets: Type.Optional(
      Type.Array(Type.String(), {
        description: "Rules that found a secret in the chunk or its commit's message.",
      }),
    ),
    header_lines: Type.Optional(
      Type.Object(
        { old: Type.Integer({ minimum: 0 }), new: Type.Integer({ minimum: 0 }) },
        { description: "Lines of a licence header that `old_code` and `new_code` are without." },
      ),
    ),
    is_boilerplate: Type.Optional(
      Type.Boolean({ description: "Whether nothing but a licence header changed." }),
    ),
    duplicate_of: Type.Optional(
      Type.String({
        description: "`chunk_id` of the first chunk with the same `op`, `language` and code.",
      }),
    ),
  },
  { $id: "https://repotune.dev/schema/1/chunk.schema.json", title: "Chunk" },
);

/** One semantic unit of one file's change in one commit. */
export type Chunk = Static<typeof ChunkSchema>;

const Counts = (description: string) =>
  Type.Record(Type.String(), Type.Integer({ minimum: 0 }), { description });

const Count = (description: string) => Type.Integer({ minimum: 0, description });

/** JSON Schema of `chunking_stats.json`, which stands beside `chunks.jsonl`. */
export const ChunkingStatsSchema = Type.Object(
  {
    ...provenance,
    commits: Type.Integer({ minimum: 0 }),
    files: Type.Integer({ minimum: 0, description: "File changes seen." }),
    chunks: Type.Integer({ minimum: 0 }),
    by_op: Counts("Chunks by `op`."),
    by_change_type: Counts("Chunks by `change_type`."),
    by_language: Counts("Chunks by `language`."),
    skipped_files: Counts("File changes that gave no chunk, by reason."),
    degraded_files: Counts("File changes cut by hunk for want of a parse, by reason."),
    hygiene: Type.Optional(
      Type.Object({
        secrets: Counts("Chunks in which a rule found a secret, by rule."),
        dropped_chunks: Count("Chunks left out for their secrets."),
        boilerplate_chunks: Count("Chunks of nothing but a licence header."),
        stripped_headers: Count("Chunks whose code is without its licence header."),
        duplicate_chunks: Count("Chunks that repeat an earlier one."),
      }),
    ),
  },
  { $id: "https://repotune.dev/schema/1/chunking-stats.schema.json", title: "chunking_stats.json" },
);

export type ChunkingStats = Static<typeof ChunkingStatsSchema>;
