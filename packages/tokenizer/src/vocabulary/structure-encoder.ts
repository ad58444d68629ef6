import { FENCE, plainSpelling } from "../render/plain-spelling.ts";
import { spellingFor } from "../render/spelling.ts";
import { STRUCTURE_TOKENS, type StructureToken } from "../render/structure.ts";
import { findFimTokens, type NamedFimTokens } from "./fim-tokens.ts";
import type { TokenEncoder } from "./token-encoder.ts";

/** What a vocabulary has that structure can be made of. */
export interface StructureSource {
  /** Ids of the special tokens, by their strings. */
  specialIds: ReadonlyMap<string, number>;
  /** Put before every document, where the model was trained with it. */
  documentStartId: number | null;
  /** Closes every document. */
  documentEndId: number | null;
  /** Ids for filling in, where the vocabulary's file names them. */
  namedFim?: NamedFimTokens | undefined;
  encode: TokenEncoder["encode"];
}

/**
 * Spells structure by the tokens meant for it, where the vocabulary has them, or else as plain text
 * between the vocabulary's own marks for the beginning and the end of a document.
 */
export function structureEncoder({
  specialIds,
  documentStartId,
  documentEndId,
  namedFim,
  encode,
}: StructureSource): Pick<TokenEncoder, "spelling" | "structure" | "fim"> & {
  documentEndId: number | null;
} {
  const { kind, tokenOf } = spellingFor(specialIds);
  const fim = findFimTokens(specialIds, namedFim);
  const known = new Map<StructureToken, readonly number[]>();
  const fenced = new Set<StructureToken>();
  for (const token of STRUCTURE_TOKENS) {
    const id = specialIds.get(tokenOf(token) ?? "");
    const plain = plainSpelling(token);
    known.set(token, id === undefined ? encode(plain) : [id]);
    if (id === undefined && plain.includes(FENCE)) fenced.add(token);
  }
  const optional = (id: number | null | undefined) => (typeof id === "number" ? [id] : []);
  known.set("<FIM_PREFIX>", optional(fim?.prefix));
  known.set("<FIM_SUFFIX>", optional(fim?.suffix));
  known.set("<FIM_MIDDLE>", optional(fim?.middle));
  if (kind === "plain") {
    known.set("<COMMIT_START>", optional(documentStartId));
    known.set("<COMMIT_END>", optional(documentEndId));
  }
  return {
    spelling: kind,
    fim,
    structure: (token, fence = FENCE) =>
      fence !== FENCE && fenced.has(token)
        ? encode(plainSpelling(token, fence))
        : (known.get(token) ?? []),
    documentEndId: kind === "tokens" ? (specialIds.get("<COMMIT_END>") ?? null) : documentEndId,
  };
}
