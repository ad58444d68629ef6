import type { EncodedPiece } from "../stream/encode-document.ts";
import type { TokenEncoder } from "../vocabulary/token-encoder.ts";

/** A token as a person can read it. */
export interface ShownToken {
  id: number;
  /** Its text, in which whatever does not print is spelled in brackets: `⟨1b⟩`, `⟨u+202e⟩`. */
  text: string;
  /** Weight of the loss on it, in percent. */
  weight: number;
  isStructure: boolean;
  /** Where lines of the text end, in `text`. */
  breaks: readonly number[];
}

/** The tokens of a document's pieces. */
export function* shownTokens(
  pieces: readonly EncodedPiece[],
  { tokenBytes, tokens }: TokenEncoder,
): Generator<ShownToken> {
  for (const { ids, weights, piece } of pieces) {
    for (const [i, id] of ids.entries()) {
      const bytes = tokenBytes[id];
      const hasText = bytes !== undefined && bytes.length > 0;
      const text = hasText ? printable(bytes) : printableText(tokens[id] ?? `⟨id ${id}⟩`);
      yield {
        id,
        text,
        weight: weights[i] ?? 0,
        isStructure: piece.kind === "structure",
        breaks: [...text.matchAll(/↵/g)].map(({ index }) => index + 1),
      };
    }
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text; a part of a character, or what is no UTF-8, byte by byte. */
function printable(bytes: Uint8Array): string {
  try {
    return printableText(utf8.decode(bytes));
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? printableText(String.fromCharCode(byte)) : spelled(byte),
    ).join("");
  }
}

/**
 * Whatever a terminal would obey or hide, spelled out: control and format characters, spaces other
 * than the usual one, marks that would combine with what stands before them, and the unassigned.
 */
const printableText = (text: string): string =>
  text.replace(/[\p{C}\p{M}\p{Z}↵⟨⟩]/gu, (character) => {
    if (character === " ") return character;
    if (character === "\n") return "↵";
    if (character === "\t") return "⇥";
    return spelled(character.codePointAt(0) ?? 0);
  });

const spelled = (code: number): string => {
  const digits = code.toString(16);
  return code < 0x100 ? `⟨${digits.padStart(2, "0")}⟩` : `⟨u+${digits.padStart(4, "0")}⟩`;
};
