import { type Chunk, type Commit, SCHEMA_VERSION } from "@repotune/schema";
import { classify } from "../classify/classify.ts";
import type { MessageClaim } from "../classify/message-claim.ts";
import type { FileChange } from "../match/file-change.ts";
import type { UnitChange } from "../match/unit-change.ts";
import { codeOf, partsOf } from "./parts.ts";

/** A chunk before it has its number in the commit. */
export type Draft = Omit<Chunk, "chunk_id">;

/**
 * Writes a unit's change as one chunk, or as several if it is long.
 *
 * @param changed rows given to the change, by file.
 */
export function chunksOfChange(
  change: UnitChange,
  changed: Map<FileChange, number[]>,
  context: {
    commit: Commit;
    claim: MessageClaim | undefined;
    relatedFiles: string[];
    linkedFiles: Chunk["linked_files"];
    maxBytes: number;
  },
): Draft[] {
  const { commit, claim, relatedFiles, linkedFiles, maxBytes } = context;
  const { file, op } = change;
  const { diff } = file;
  const { metadata } = commit;
  const code = codeOf(change);
  const names = namesOf(change);
  const classification = classify(change, code.old, code.new, claim);
  return partsOf(change, code, changed, maxBytes).map((part) => ({
    schema_version: SCHEMA_VERSION,
    commit_hash: metadata.hash,
    commit_number: commit.commit_number,
    file_path: diff.filename,
    old_file_path: oldPathOf(change),
    file_type: file.role,
    language: file.language,
    op,
    ...classification,
    change_category: diff.change_type,
    ...names,
    line_range: { old: part.oldRange, new: part.newRange },
    old_code: part.oldCode,
    new_code: part.newCode,
    patch: part.patch,
    additions: part.additions,
    deletions: part.deletions,
    part: part.part,
    commit_metadata: {
      hash: metadata.hash,
      author: metadata.author,
      author_email: metadata.author_email,
      timestamp: metadata.timestamp,
      timestamp_unix: metadata.timestamp_unix,
      message: metadata.message,
    },
    related_files: relatedFiles,
    ...(linkedFiles && { linked_files: linkedFiles }),
  }));
}

function namesOf(change: UnitChange) {
  const { file, hunk } = change;
  const unit = change.new?.unit ?? change.old?.unit;
  if (!unit) {
    const isWhole = hunk !== null && /[AD]/.test(file.diff.change_type);
    const heading = file.patch.hunks[hunk ?? 0]?.heading;
    return {
      kind: isWhole ? "file" : "hunk",
      function_name: null,
      qualified_name: null,
      module_path: file.modules.join("::") || null,
      section: heading || null,
    };
  }
  const { kind, name, container, section } = unit;
  const old_name = oldNameOf(change);
  const modules = [...file.modules, ...unit.scope];
  const isFunction = kind === "function" || kind === "method" || kind === "test";
  const parts = [...modules, ...(container === null ? [] : [container]), ...(name ? [name] : [])];
  return {
    kind,
    function_name: isFunction ? name : null,
    qualified_name: name !== null && section === null ? parts.join("::") : null,
    ...(old_name !== null && { old_name }),
    module_path: modules.join("::") || null,
    section,
  };
}

/** What a renamed unit was called. */
function oldNameOf({ op, old, new: fresh }: UnitChange): string | null {
  if (op !== "renamed" || !old || !fresh) return null;
  const before = old.unit.section ?? old.unit.name;
  return before === (fresh.unit.section ?? fresh.unit.name) ? null : before;
}

function oldPathOf({ file, old }: UnitChange): string | null {
  const path = old
    ? (old.file.diff.old_filename ?? old.file.diff.filename)
    : file.diff.old_filename;
  return path === file.diff.filename ? null : path;
}
