import { isUtf8 } from "node:buffer";
import { characterDecoder } from "./character-set.ts";

/** Text decoded from bytes of the repository. */
export interface DecodedText {
  text: string;
  /** The exact bytes in base64, only where `text` could not hold them. */
  bytes?: string;
}

/** Decodes UTF-8; what is not shows as U+FFFD, with the exact bytes beside it. */
export function decodeText(bytes: Buffer): DecodedText {
  const text = bytes.toString("utf8");
  return isUtf8(bytes) ? { text } : { text, bytes: bytes.toString("base64") };
}

/** Decodes text of a commit: {@link decodeText}, or what its `encoding` header asks for. */
export type Decode = (bytes: Buffer) => DecodedText;

/** The text of a name from a commit's header, which is bytes in latin1. */
export function decodeName(latin1: string, decode: Decode): string {
  const isPlain = decode === decodeText && !/[\x80-\xff]/.test(latin1);
  return isPlain ? latin1 : decode(Buffer.from(latin1, "latin1")).text;
}

/**
 * A decoder for the `encoding` header of a commit.
 *
 * @param label as the header has it; one that is unknown, or does not fit, falls back to UTF-8.
 */
export function messageDecoder(label: string | undefined): Decode {
  const decode = label === undefined || isUtf8Label(label) ? undefined : characterDecoder(label);
  if (!decode) return decodeText;
  return (bytes) => {
    const text = decode(bytes); // Undefined where the header does not tell the truth.
    return text === undefined ? decodeText(bytes) : { text };
  };
}

/** Whether an `encoding` header says no more than its absence would. */
export const isUtf8Label = (label: string): boolean => /^utf-?8$/i.test(label);
