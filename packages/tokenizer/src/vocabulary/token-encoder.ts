import { StageError, type Vocabulary } from "@repotune/schema";
import type { StructureToken } from "../render/structure.ts";

/** A vocabulary that text and structure can be turned into ids of. */
export interface TokenEncoder {
  /** File it was read from, or what it was made of; for messages. */
  readonly source: string;
  /** Which vocabulary the ids belong to. */
  readonly vocabulary: Vocabulary;
  /** The bytes that each id stands for; none for structure. */
  readonly tokenBytes: readonly Uint8Array[];
  /**
   * The tokens that spell structure (`tokens`), or plain text where the vocabulary has none of them.
   */
  readonly spelling: "tokens" | "plain";
  /** Ids of a text. Nothing in it is read as a special token. */
  encode(text: string): readonly number[];
  /** Ids of a structural token: one of its own, or several of plain text. */
  structure(token: StructureToken): readonly number[];
  /** Frees what the encoder holds outside JavaScript's memory, if anything. */
  dispose?(): Promise<void>;
}

/**
 * The bytes that ids stand for. They are UTF-8 as a whole, if the ids encode a text; a single id may
 * be a part of a character.
 *
 * @throws {StageError} `E_MISMATCH` for an id that is not in the vocabulary.
 */
export function decodeBytes(encoder: TokenEncoder, ids: Iterable<number>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const id of ids) {
    const bytes = encoder.tokenBytes[id];
    if (!bytes) {
      throw new StageError(
        "E_MISMATCH",
        `Id ${id} is not in the vocabulary of ${encoder.source}, which has ${encoder.tokenBytes.length} tokens.`,
        { hint: "Decode with the vocabulary that the ids were made with." },
      );
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
