import { type ChangeType, type Chunk, StageError } from "@repotune/schema";
import { renderOverview } from "../render/overview.ts";
import type { Piece } from "../render/piece.ts";
import { renderUnit } from "../render/unit.ts";
import type { CommitHeader } from "./commit-header.ts";

/** A document before it is encoded, and where it comes from. */
export interface RenderedDocument {
  commitNumber: number;
  /** Position of the chunk among all chunks, or -1 for a commit's overview. */
  chunkIndex: number;
  /** The unit's; undefined for an overview. */
  changeType: ChangeType | undefined;
  pieces: Piece[];
}

/** Which chunks become documents, and how many do not. */
export interface RenderOptions {
  /**
   * Whether units of data files (`file_type` `data`: dashboards, inventories, samples) are rendered.
   * They are written by programs, and a few of them can outweigh all code; the files still stand in
   * their commit's overview.
   *
   * @default false
   */
  includeData?: boolean | undefined;
  /** Called for each chunk that is left out. */
  onLeftOut?: ((reason: "data") => void) | undefined;
}

/**
 * Renders a history into documents, in its order: of each commit its units, then its overview.
 *
 * The overview comes last because it tells the change types of all units, and a commit's units need
 * not fit in memory.
 *
 * @throws {StageError} `E_MISMATCH` for a chunk of a commit that is not in `headers`, `E_INPUT` for
 *   chunks that are not in the order of the history.
 */
export async function* renderHistory(
  headers: readonly CommitHeader[],
  chunks: AsyncIterable<Chunk>,
  { includeData = false, onLeftOut }: RenderOptions = {},
): AsyncGenerator<RenderedDocument> {
  let commitNumber = 0;
  let chunkIndex = 0;
  let types = new Map<string, Set<ChangeType>>();
  function* overviewsBefore(end: number): Generator<RenderedDocument> {
    for (; commitNumber < end; commitNumber++) {
      const header = headers[commitNumber];
      if (header) yield* overview(header, commitNumber, types);
      types = new Map();
    }
  }
  for await (const chunk of chunks) {
    const header = headers[chunk.commit_number];
    if (header?.hash !== chunk.commit_hash) throw unknownCommit(chunk, header);
    if (chunk.commit_number < commitNumber) {
      throw new StageError(
        "E_INPUT",
        `Chunk ${chunk.chunk_id} of commit ${chunk.commit_number} stands after chunks of commit ${commitNumber}.`,
        { hint: "Chunks must be in the order of the history: chunk it again." },
      );
    }
    yield* overviewsBefore(chunk.commit_number);
    const ofFile = types.get(chunk.file_path);
    if (ofFile) ofFile.add(chunk.change_type);
    else types.set(chunk.file_path, new Set([chunk.change_type]));
    if (chunk.file_type === "data" && !includeData) onLeftOut?.("data");
    else {
      const pieces = renderUnit(chunk);
      yield { commitNumber, chunkIndex, changeType: chunk.change_type, pieces };
    }
    chunkIndex += 1;
  }
  yield* overviewsBefore(headers.length);
}

function* overview(
  { subject, body, hasOverview, files }: CommitHeader,
  commitNumber: number,
  types: ReadonlyMap<string, ReadonlySet<ChangeType>>,
): Generator<RenderedDocument> {
  if (!hasOverview) return;
  const pieces = renderOverview({
    subject,
    body,
    files: files.map(({ path, changeTypes }) => ({
      path,
      changeTypes: [...(types.get(path) ?? changeTypes)],
    })),
  });
  yield { commitNumber, chunkIndex: -1, changeType: undefined, pieces };
}

function unknownCommit(chunk: Chunk, header: CommitHeader | undefined): StageError {
  const found = header ? `is ${header.hash}` : "does not exist";
  return new StageError(
    "E_MISMATCH",
    `Chunk ${chunk.chunk_id} belongs to commit ${chunk.commit_number}, ${chunk.commit_hash}; in the history that commit ${found}.`,
    { hint: "Chunks and commits come from different scrapes: chunk these commits again." },
  );
}
