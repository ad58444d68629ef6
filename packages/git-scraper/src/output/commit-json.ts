import { isUtf8 } from "node:buffer";
import type { Commit } from "@repotune/schema";
import type { CommitRecord, FileRecord } from "../commit/commit-record.ts";
import type { JsonBuffer } from "./json-buffer.ts";

/**
 * Appends a commit as JSON, the same as `JSON.stringify` makes of its record.
 *
 * @param fields all but the diffs, which come last.
 */
export function appendCommit(
  json: JsonBuffer,
  fields: CommitRecord["fields"] | Omit<Commit, "diffs">,
  files: readonly FileRecord[],
): void {
  json.text(`${JSON.stringify(fields).slice(0, -1)},"diffs":[`);
  let separator = "";
  for (const file of files) {
    json.text(separator);
    appendDiff(json, file);
    separator = ",";
  }
  json.text("]}");
}

function appendDiff(json: JsonBuffer, { fields, patch }: FileRecord): void {
  json.text(diffFields(fields));
  if (isUtf8(patch)) {
    json.string(patch);
    json.text("}");
  } else {
    json.text(JSON.stringify(patch.toString("utf8")));
    json.text(`,"patch_bytes":"${patch.toString("base64")}"}`);
  }
}

/** Written out: there are many more of them than of anything else, and only paths need escaping. */
function diffFields(diff: FileRecord["fields"]): string {
  const bytes =
    diff.filename_bytes === undefined ? "" : `,"filename_bytes":"${diff.filename_bytes}"`;
  const old = diff.old_filename === null ? "null" : JSON.stringify(diff.old_filename);
  const oldBytes =
    diff.old_filename_bytes === undefined
      ? ""
      : `,"old_filename_bytes":"${diff.old_filename_bytes}"`;
  return (
    `{"filename":${JSON.stringify(diff.filename)}${bytes},"old_filename":${old}${oldBytes}` +
    `,"change_type":"${diff.change_type}","similarity":${diff.similarity}` +
    `,"old_mode":"${diff.old_mode}","new_mode":"${diff.new_mode}"` +
    `,"old_blob":"${diff.old_blob}","new_blob":"${diff.new_blob}"` +
    `,"additions":${diff.additions},"deletions":${diff.deletions}` +
    `,"is_binary":${diff.is_binary},"is_truncated":${diff.is_truncated},"patch":`
  );
}
