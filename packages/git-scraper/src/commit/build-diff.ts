import type { Diff } from "@repotune/schema";
import type { FileChange } from "../diff/diff-parser.ts";
import { decodeText } from "./text.ts";

/**
 * One file's change as a record.
 *
 * @param isUnreadable whether a stand-in was read for one of its blobs, so that what git says of
 *   the content is not true.
 */
export function buildDiff(change: FileChange, isUnreadable: boolean): Diff {
  const name = decodeText(change.path);
  const oldName = change.oldPath && decodeText(change.oldPath);
  const patch = isUnreadable ? { text: "" } : decodeText(change.patch);
  return {
    filename: name.text,
    ...(name.bytes !== undefined && { filename_bytes: name.bytes }),
    old_filename: oldName?.text ?? null,
    ...(oldName?.bytes !== undefined && { old_filename_bytes: oldName.bytes }),
    change_type: change.status as Diff["change_type"],
    similarity: change.similarity ?? null,
    old_mode: change.oldMode,
    new_mode: change.newMode,
    old_blob: change.oldBlob,
    new_blob: change.newBlob,
    additions: change.additions,
    deletions: change.deletions,
    patch: patch.text,
    ...(patch.bytes !== undefined && { patch_bytes: patch.bytes }),
    is_binary: change.isBinary && !isUnreadable,
    is_truncated: change.isTruncated || isUnreadable,
  };
}
