import { LOSS_WEIGHTS } from "./loss-weights.ts";
import type { StructureToken } from "./structure.ts";

/** A stretch of text whose tokens weigh the same in the loss. */
export interface WeightedText {
  text: string;
  /** Percent, 0 to 100. */
  weight: number;
}

/** A structural token in a document. */
export interface StructurePiece {
  kind: "structure";
  token: StructureToken;
  /** Percent, 0 to 100. */
  weight: number;
}

/**
 * Content in a document, encoded as one text, so that weights do not change its tokens. Whatever it
 * holds stays content.
 */
export interface TextPiece {
  kind: "text";
  parts: readonly WeightedText[];
  /** Whether it is the text of a labelled line, where structure is spelled in plain text. */
  isField?: boolean;
  /**
   * When a document is too long, the texts with the highest number are shortened first. A text
   * without one is left whole.
   */
  cut?: number;
  /** Most tokens this text may have, whatever the document's length. */
  maxTokens?: number;
}

/** A document before it is encoded. */
export type Piece = StructurePiece | TextPiece;

export const mark = (token: StructureToken, weight: number): Piece => ({
  kind: "structure",
  token,
  weight,
});

/** A short text with a mark before it and one behind it, such as a path. */
export const field = (
  name: "AUTHOR" | "BRANCH" | "FILE" | "MESSAGE" | "MODULE" | "REPOSITORY" | "TASK",
  text: string,
  weight: number,
  { marks = LOSS_WEIGHTS.structure, maxTokens }: { marks?: number; maxTokens?: number } = {},
): Piece[] => [
  mark(`<${name}_START>`, marks),
  {
    kind: "text",
    isField: true,
    parts: [{ text, weight }],
    ...(maxTokens !== undefined && { maxTokens }),
  },
  mark(`<${name}_END>`, marks),
];
