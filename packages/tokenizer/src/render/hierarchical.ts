import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { circumstances, overviewSubject, unitSubject } from "./opening.ts";
import { fileList } from "./overview.ts";
import { mark } from "./piece.ts";
import type { Rendering } from "./rendering.ts";
import { beforeAndAfter, fileOf, placeAndChange } from "./unit.ts";

/**
 * A commit from the outside inwards, repository, branch, commit, file, unit, with as many units in a
 * document as have room:
 *
 * ```text
 * <COMMIT_START><REPOSITORY_START>name<REPOSITORY_END><BRANCH_START>main<BRANCH_END>
 * <AUTHOR_START>author-5e884898<AUTHOR_END><MONTH:03><MESSAGE_START>subject<MESSAGE_END>
 * <FILE_START>path<FILE_END>
 * <MODULE_START>…<MODULE_END><CHANGE:…><OLD_START>…<OLD_END><CODE_START>…<CODE_END>
 * <CHANGE:…><CODE_START>…<CODE_END>
 * <FILE_START>path<FILE_END>…<COMMIT_END>
 * ```
 */
export const hierarchical: Rendering = {
  joinsUnits: true,
  hasWholeCode: true,
  units: (commit, chunks, holeOf) => [
    mark("<COMMIT_START>", 0),
    ...circumstances(commit),
    ...unitSubject(commit),
    ...chunks.flatMap((chunk, i) => [
      ...(chunks[i - 1]?.file_path === chunk.file_path ? [] : fileOf(chunk)),
      ...placeAndChange(chunk),
      ...beforeAndAfter(chunk, holeOf?.(chunk)),
    ]),
    mark("<COMMIT_END>", LOSS_WEIGHTS.end),
  ],
  overview: (commit, files) => [
    mark("<COMMIT_START>", 0),
    ...circumstances(commit),
    ...overviewSubject(commit),
    ...fileList(files),
  ],
};
