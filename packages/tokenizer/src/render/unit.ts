import type { Chunk } from "@repotune/schema";
import { addedLines } from "./added-lines.ts";
import { type Hole, withHole } from "./hole.ts";
import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { field, mark, type Piece, type WeightedText } from "./piece.ts";
import { changeToken } from "./structure.ts";

/**
 * Tokens of the code before a change. Enough to see what a unit was (half of all units are shorter
 * in whole); more would push the new code out of the sequences that a small model reads.
 */
const MAX_OLD_TOKENS = 192;

/** The fields of a chunk that are rendered. */
export type RenderedChunk = Pick<
  Chunk,
  | "chunk_id"
  | "file_path"
  | "old_file_path"
  | "change_category"
  | "module_path"
  | "section"
  | "members"
  | "members"
  | "change_type"
  | "old_code"
  | "new_code"
  | "patch"
>;

/** The file that a unit lies in. */
export const fileOf = ({ file_path }: RenderedChunk): Piece[] =>
  field("FILE", file_path, LOSS_WEIGHTS.place);

/** Where in its file a unit lies, and how it changes. */
export function placeAndChange(chunk: RenderedChunk): Piece[] {
  const { place, change } = LOSS_WEIGHTS;
  const module = chunk.module_path ?? sectionsOf(chunk);
  return [
    ...(module === null ? [] : field("MODULE", module, place)),
    mark(changeToken(chunk.change_type), change),
  ];
}

/**
 * The code before a change and the code after it, each where there is one.
 *
 * @param hole a part of the code after the change that is moved to its end, to be filled in.
 */
export function beforeAndAfter({ old_code: before, new_code: after }: RenderedChunk, hole?: Hole) {
  const { structure, end, oldCode } = LOSS_WEIGHTS;
  const pieces: Piece[] = [];
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
    const parts = weightedCode(before ?? "", after);
    pieces.push(
      mark("<CODE_START>", structure),
      ...(hole ? withHole(parts, hole) : [{ kind: "text" as const, parts, cut: 1 }]),
      mark("<CODE_END>", end),
    );
  }
  return pieces;
}

/** The section, or all of them where a chunk holds several tables or keys. */
function sectionsOf({ section, members }: RenderedChunk): string | null {
  if (!members) return section;
  return [...new Set(members.flatMap((member) => member.section ?? []))].join(", ") || null;
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
