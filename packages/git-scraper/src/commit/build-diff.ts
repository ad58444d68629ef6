import type { Diff } from "@repotune/schema";
import type { FileChange } from "../diff/diff-parser.ts";
import type { FileRecord } from "./commit-record.ts";
import { decodeText } from "./text.ts";

const EMPTY = Buffer.alloc(0);

/**
 * One file's change as a record.
 *
 * @param isUnreadable whether a stand-in was read for one of its blobs, so that what git says of
 *   the content is not true.
 */
export function buildDiff(change: FileChange, isUnreadable: boolean): FileRecord {
  const name = decodeText(change.path);
  const oldName = change.oldPath && decodeText(change.oldPath);
  const fields: FileRecord["fields"] = {
    filename: name.text,
    old_filename: oldName?.text ?? null,
    change_type: change.status as Diff["change_type"],
    similarity: change.similarity ?? null,
    old_mode: change.oldMode,
    new_mode: change.newMode,
    old_blob: change.oldBlob,
    new_blob: change.newBlob,
    additions: change.additions,
    deletions: change.deletions,
    is_binary: change.isBinary && !isUnreadable,
    is_truncated: change.isTruncated || isUnreadable,
  };
  if (name.bytes !== undefined) fields.filename_bytes = name.bytes;
  if (oldName?.bytes !== undefined) fields.old_filename_bytes = oldName.bytes;
  return { fields, patch: isUnreadable ? EMPTY : change.patch };
}
