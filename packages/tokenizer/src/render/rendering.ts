import type { Hole } from "./hole.ts";
import type { CommitContext } from "./opening.ts";
import type { ChangedFile } from "./overview.ts";
import type { Piece } from "./piece.ts";
import type { RenderedChunk } from "./unit.ts";

/** A way to lay commits out as documents. */
export interface Rendering {
  /** Whether a document holds as many units of a commit as have room; otherwise it holds one. */
  joinsUnits: boolean;
  /** Whether the code of a unit stands there in whole, so that a part of it can be a hole. */
  hasWholeCode: boolean;
  /**
   * A document of units of one commit.
   *
   * @param holeOf the hole in a unit's code, if it gets one; only with `hasWholeCode`.
   */
  units(
    commit: CommitContext,
    chunks: readonly RenderedChunk[],
    holeOf?: (chunk: RenderedChunk) => Hole | undefined,
  ): Piece[];
  /** A document that tells which files a commit changes, and how. */
  overview(commit: CommitContext, files: readonly ChangedFile[]): Piece[];
}
