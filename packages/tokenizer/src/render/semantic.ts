import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { overviewOpening, unitOpening } from "./opening.ts";
import { fileList } from "./overview.ts";
import { mark } from "./piece.ts";
import type { Rendering } from "./rendering.ts";
import { beforeAndAfter, fileOf, placeAndChange } from "./unit.ts";

/**
 * One unit a document, and an overview of each commit:
 *
 * ```text
 * <COMMIT_START><MESSAGE_START>subject<MESSAGE_END><FILE_START>path<FILE_END>
 * <MODULE_START>module or section<MODULE_END><CHANGE:…>
 * <OLD_START>code before<OLD_END><CODE_START>code after<CODE_END><COMMIT_END>
 *
 * <COMMIT_START><MESSAGE_START>subject<MESSAGE_END><TASK_START>task<TASK_END>
 * <FILES_START><FILE_START>path<FILE_END><CHANGE:…>…  <FILE_START>…  <FILES_END><COMMIT_END>
 * ```
 *
 * What there is none of is left out.
 */
export const semantic: Rendering = {
  joinsUnits: false,
  hasWholeCode: true,
  units: (commit, chunks, holeOf) => [
    ...unitOpening(commit),
    ...chunks.flatMap((chunk) => [
      ...fileOf(chunk),
      ...placeAndChange(chunk),
      ...beforeAndAfter(chunk, holeOf?.(chunk)),
    ]),
    mark("<COMMIT_END>", LOSS_WEIGHTS.end),
  ],
  overview: (commit, files) => [...overviewOpening(commit), ...fileList(files)],
};
