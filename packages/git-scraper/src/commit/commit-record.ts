import type { Branch, Commit, CommitLine, Diff, Person } from "@repotune/schema";
import { personKey } from "../identity/person.ts";
import { decodeText } from "./text.ts";

/** One file's change; its patch, which may be large, stays in bytes until it is written. */
export interface FileRecord {
  fields: Omit<Diff, "patch" | "patch_bytes">;
  patch: Buffer;
}

/** A commit as it is read: all that never changes, as on a line of `commits.jsonl`. */
export interface CommitRecord {
  fields: Omit<CommitLine, "diffs">;
  files: FileRecord[];
}

/** What may change of a commit that does not. */
export interface CommitLabels {
  branches: Branch[];
  tags: string[];
  canonicalAuthor: Person;
}

/** The labels of a record, its author named as the mailmap has it. */
export function completeLabels(
  labels: Pick<CommitLabels, "branches" | "tags">,
  { fields }: CommitRecord,
  canonical: ReadonlyMap<string, Person>,
): CommitLabels {
  const author = { name: fields.metadata.author, email: fields.metadata.author_email };
  return { ...labels, canonicalAuthor: canonical.get(personKey(author)) ?? author };
}

/** One file's change as the formats have it. */
function toDiff({ fields, patch }: FileRecord): Diff {
  const { text, bytes } = decodeText(patch);
  return { ...fields, patch: text, ...(bytes !== undefined && { patch_bytes: bytes }) };
}

/** The fields of a whole commit, without its diffs. */
export const wholeFields = (
  { schema_version, commit_number, metadata, context }: CommitRecord["fields"],
  { branches, tags, canonicalAuthor }: CommitLabels,
): Omit<Commit, "diffs"> => ({
  schema_version,
  commit_number,
  metadata: {
    ...metadata,
    canonical_author: canonicalAuthor.name,
    canonical_author_email: canonicalAuthor.email,
  },
  branches,
  tags,
  context: { ...context, has_tags: tags.length > 0 },
});

/** A whole commit. */
export const toCommit = (record: CommitRecord, labels: CommitLabels): Commit => ({
  ...wholeFields(record.fields, labels),
  diffs: record.files.map(toDiff),
});
