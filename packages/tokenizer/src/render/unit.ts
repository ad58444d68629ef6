import type { Chunk } from "@repotune/schema";
import { addedLines } from "./added-lines.ts";
import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { MAX_MESSAGE_TOKENS } from "./message.ts";
import { content, mark, type Piece, type WeightedText } from "./piece.ts";
import { changeToken } from "./structure.ts";

/**
 * Tokens of the code before a change. Enough to see what a unit was (half of all units are shorter
 * in whole); more would push the new code out of the sequences that a small model reads.
 */
const MAX_OLD_TOKENS = 192;

/** The fields of a chunk that are rendered. */
export type RenderedChunk = Pick<
  Chunk,
  "file_path" | "module_path" | "section" | "change_type" | "old_code" | "new_code"
> & { commit_metadata: Pick<Chunk["commit_metadata"], "message"> };

/**
 * Renders one semantic unit of a commit:
 *
 * ```text
 * <COMMIT_START><MESSAGE_START>subject<MESSAGE_END><FILE_START>path<FILE_END>
 * <MODULE_START>module or section<MODULE_END><CHANGE:…>
 * <OLD_START>code before<OLD_END><CODE_START>code after<CODE_END><COMMIT_END>
 * ```
 *
 * Module, code before and code after are left out where there is none.
 */
export function renderUnit(chunk: RenderedChunk): Piece[] {
  const { structure, end, place, change, message, oldCode } = LOSS_WEIGHTS;
  const { old_code: before, new_code: after } = chunk;
  const module = chunk.module_path ?? chunk.section;
  const pieces = [
    mark("<COMMIT_START>", 0),
    mark("<MESSAGE_START>", 0),
    content(chunk.commit_metadata.message, message, MAX_MESSAGE_TOKENS),
    mark("<MESSAGE_END>", 0),
    mark("<FILE_START>", structure),
    content(chunk.file_path, place),
    mark("<FILE_END>", structure),
  ];
  if (module !== null) {
    pieces.push(
      mark("<MODULE_START>", structure),
      content(module, place),
      mark("<MODULE_END>", structure),
    );
  }
  pieces.push(mark(changeToken(chunk.change_type), change));
  if (before !== null) {
    pieces.push(
      mark("<OLD_START>", structure),
      {
        kind: "text",
        parts: [{ text: before, weight: oldCode }],
        cut: 2,
        maxTokens: MAX_OLD_TOKENS,
      },
      mark("<OLD_END>", 0),
    );
  }
  if (after !== null) {
    pieces.push(
      mark("<CODE_START>", structure),
      { kind: "text", parts: weightedCode(before ?? "", after), cut: 1 },
      mark("<CODE_END>", end),
    );
  }
  pieces.push(mark("<COMMIT_END>", end));
  return pieces;
}

/** The new code in stretches of copied and of added lines. */
function weightedCode(before: string, after: string): WeightedText[] {
  const parts: WeightedText[] = [];
  for (const { line, isAdded } of addedLines(before, after)) {
    const weight = isAdded ? LOSS_WEIGHTS.addedLine : LOSS_WEIGHTS.copiedLine;
    const last = parts.at(-1);
    if (last?.weight === weight) last.text += line;
    else parts.push({ text: line, weight });
  }
  return parts;
}
