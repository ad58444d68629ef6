import type { UnitOp } from "@repotune/schema";
import type { FileChange, UnitRef } from "./file-change.ts";

/** What became of one unit in a commit. */
export interface UnitChange {
  op: UnitOp;
  /** Where it is reported: the file after the change, or before it for what was removed. */
  file: FileChange;
  old: UnitRef | null;
  new: UnitRef | null;
  /** For a file that is not cut by syntax: the hunk. */
  hunk: number | null;
}
