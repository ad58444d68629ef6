import { plainSpelling, STRUCTURE_TOKENS, type StructureToken } from "../render/structure.ts";
import type { TokenEncoder } from "./token-encoder.ts";

/** What a vocabulary has that structure can be made of. */
export interface StructureSource {
  /** Ids of the special tokens, by their strings. */
  specialIds: ReadonlyMap<string, number>;
  /** Put before every document, where the model was trained with it. */
  documentStartId: number | null;
  /** Closes every document. */
  documentEndId: number | null;
  encode: TokenEncoder["encode"];
}

/**
 * Spells structure by the tokens meant for it, if the vocabulary has them all, or else as plain text
 * between the vocabulary's own marks for the beginning and the end of a document.
 */
export function structureEncoder({
  specialIds,
  documentStartId,
  documentEndId,
  encode,
}: StructureSource): Pick<TokenEncoder, "spelling" | "structure"> & {
  documentEndId: number | null;
} {
  const own = new Map<StructureToken, number[]>();
  for (const token of STRUCTURE_TOKENS) {
    const id = specialIds.get(token);
    if (id !== undefined) own.set(token, [id]);
  }
  if (own.size === STRUCTURE_TOKENS.length) {
    return {
      spelling: "tokens",
      structure: (token) => own.get(token) ?? [],
      documentEndId: own.get("<COMMIT_END>")?.[0] ?? null,
    };
  }
  const plain = new Map<StructureToken, readonly number[]>();
  for (const token of STRUCTURE_TOKENS) plain.set(token, encode(plainSpelling(token)));
  plain.set("<COMMIT_START>", documentStartId === null ? [] : [documentStartId]);
  plain.set("<COMMIT_END>", documentEndId === null ? [] : [documentEndId]);
  return { spelling: "plain", structure: (token) => plain.get(token) ?? [], documentEndId };
}
