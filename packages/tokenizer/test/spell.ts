import type { Piece } from "../src/index.ts";

/** A document as text, with its structure. */
export const spell = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) =>
      piece.kind === "structure" ? piece.token : piece.parts.map(({ text }) => text).join(""),
    )
    .join("");
