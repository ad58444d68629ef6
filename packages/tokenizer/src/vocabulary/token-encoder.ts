import { StageError, type Vocabulary } from "@repotune/schema";
import type { StructureToken } from "../render/structure.ts";
import type { FimTokens } from "./fim-tokens.ts";

/** A vocabulary that text and structure can be turned into ids of. */
export interface TokenEncoder {
  /** File it was read from, or what it was made of; for messages. */
  readonly source: string;
  /** Which vocabulary the ids belong to. */
  readonly vocabulary: Vocabulary;
  /** The strings of all tokens in id order, as their file spells them. */
  readonly tokens: readonly string[];
  /** The bytes that each id stands for; none for structure. */
  readonly tokenBytes: readonly Uint8Array[];
  /**
   * Whether tokens of their own spell all structure (`tokens`), or plain text whatever the vocabulary
   * has no tokens for.
   */
  readonly spelling: "tokens" | "plain";
  /** The tokens that mark prefix, suffix and middle of a text with a hole, if it has them. */
  readonly fim: FimTokens | undefined;
  /** Ids of a text. Nothing in it is read as a special token. */
  encode(text: string): readonly number[];
  /**
   * Ids of a structural token: one of its own, or several of plain text.
   *
   * @param fence around code, if it is plain text.
   */
  structure(token: StructureToken, fence?: string): readonly number[];
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
