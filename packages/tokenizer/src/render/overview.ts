import type { ChangeType } from "@repotune/schema";
import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { field, mark, type Piece } from "./piece.ts";
import { changeToken } from "./structure.ts";

/** Commits that touch more are sweeps (renames, licences, formatting); the first say enough. */
export const MAX_OVERVIEW_FILES = 48;

/** A file that a commit changes. */
export interface ChangedFile {
  path: string;
  /** git's letter. */
  letter: string;
  /** How its units change; empty if that is not known. */
  changeTypes: readonly ChangeType[];
}

/** Which files a commit changes, in its order, and how. */
export function fileList(files: readonly ChangedFile[]): Piece[] {
  const { structure, end, change, overviewPath } = LOSS_WEIGHTS;
  return [
    mark("<FILES_START>", structure),
    ...files
      .slice(0, MAX_OVERVIEW_FILES)
      .flatMap(({ path, changeTypes }) => [
        ...field("FILE", path, overviewPath),
        ...changeTypes.map((type) => mark(changeToken(type), change)),
      ]),
    mark("<FILES_END>", end),
    mark("<COMMIT_END>", end),
  ];
}
