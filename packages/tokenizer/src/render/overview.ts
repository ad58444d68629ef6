import type { ChangeType } from "@repotune/schema";
import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { MAX_MESSAGE_TOKENS, messageWithBody } from "./message.ts";
import { content, mark, type Piece } from "./piece.ts";
import { changeToken } from "./structure.ts";

/** Commits that touch more are sweeps (renames, licences, formatting); the first say enough. */
export const MAX_OVERVIEW_FILES = 48;

/** What a commit's overview tells. */
export interface CommitOverview {
  subject: string;
  body: string;
  /** Changed files in the commit's order. */
  files: readonly { path: string; changeTypes: readonly ChangeType[] }[];
}

/**
 * Renders which files a commit changes, and how:
 *
 * ```text
 * <COMMIT_START><MESSAGE_START>message<MESSAGE_END>
 * <FILES_START><FILE_START>path<FILE_END><CHANGE:…>…  <FILE_START>…  <FILES_END><COMMIT_END>
 * ```
 */
export function renderOverview({ subject, body, files }: CommitOverview): Piece[] {
  const { structure, end, change, overviewMessage, overviewPath } = LOSS_WEIGHTS;
  const pieces = [
    mark("<COMMIT_START>", 0),
    mark("<MESSAGE_START>", 0),
    content(messageWithBody(subject, body), overviewMessage, MAX_MESSAGE_TOKENS),
    mark("<MESSAGE_END>", structure),
    mark("<FILES_START>", structure),
  ];
  for (const { path, changeTypes } of files.slice(0, MAX_OVERVIEW_FILES)) {
    pieces.push(
      mark("<FILE_START>", structure),
      content(path, overviewPath),
      mark("<FILE_END>", structure),
      ...changeTypes.map((type) => mark(changeToken(type), change)),
    );
  }
  pieces.push(mark("<FILES_END>", end), mark("<COMMIT_END>", end));
  return pieces;
}
