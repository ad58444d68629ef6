import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { overviewOpening, unitOpening } from "./opening.ts";
import { fileList } from "./overview.ts";
import { type PatchRow, patchRows } from "./patch-rows.ts";
import { mark, type Piece } from "./piece.ts";
import type { Rendering } from "./rendering.ts";
import { fileOf, placeAndChange } from "./unit.ts";

/** For each sign of a patch, its mark, the mark's weight and that of the line. */
const lineMarks = {
  " ": ["<CONTEXT>", LOSS_WEIGHTS.structure, LOSS_WEIGHTS.contextLine],
  "-": ["<REMOVED>", LOSS_WEIGHTS.changedMark, LOSS_WEIGHTS.removedLine],
  "+": ["<ADDED>", LOSS_WEIGHTS.changedMark, LOSS_WEIGHTS.addedLine],
} as const;

/**
 * One unit a document, of which only the hunks are shown that change, each line with its mark:
 *
 * ```text
 * <COMMIT_START><MESSAGE_START>subject<MESSAGE_END><FILE_START>path<FILE_END>
 * <MODULE_START>module or section<MODULE_END><CHANGE:…><DIFF_START>
 * <HUNK><CONTEXT>line before
 * <REMOVED>old line
 * <ADDED>new line
 * <CONTEXT>line behind
 * <DIFF_END><COMMIT_END>
 * ```
 *
 * Overviews are those of the semantic rendering.
 */
export const diffAware: Rendering = {
  joinsUnits: false,
  hasWholeCode: false,
  units: (commit, chunks) => [
    ...unitOpening(commit),
    ...chunks.flatMap((chunk) => [
      ...fileOf(chunk),
      ...placeAndChange(chunk),
      mark("<DIFF_START>", LOSS_WEIGHTS.structure),
      ...patchRows(chunk.patch).flatMap(diffLine),
      mark("<DIFF_END>", LOSS_WEIGHTS.end),
    ]),
    mark("<COMMIT_END>", LOSS_WEIGHTS.end),
  ],
  overview: (commit, files) => [...overviewOpening(commit), ...fileList(files)],
};

function diffLine({ sign, text }: PatchRow): Piece[] {
  if (sign === "@") return [mark("<HUNK>", LOSS_WEIGHTS.structure)];
  const [token, markWeight, weight] = lineMarks[sign];
  return [mark(token, markWeight), { kind: "text", parts: [{ text, weight }] }];
}
