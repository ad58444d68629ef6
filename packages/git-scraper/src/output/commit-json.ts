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
  for (const [index, file] of files.entries()) {
    if (index > 0) json.text(",");
    appendDiff(json, file);
  }
  json.text("]}");
}

function appendDiff(json: JsonBuffer, { fields, patch }: FileRecord): void {
  json.text(`${JSON.stringify(fields).slice(0, -1)},"patch":`);
  if (isUtf8(patch)) {
    json.string(patch);
    json.text("}");
  } else {
    json.text(JSON.stringify(patch.toString("utf8")));
    json.text(`,"patch_bytes":"${patch.toString("base64")}"}`);
  }
}
