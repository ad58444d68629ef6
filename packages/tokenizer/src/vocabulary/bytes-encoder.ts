import { isUtf8 } from "node:buffer";
import { StageError } from "@repotune/schema";
import type { TokenEncoder } from "./token-encoder.ts";
import { utf8Parts } from "./utf8-parts.ts";

/**
 * Encodes byte strings that need not be UTF-8: what is, as text; each byte between that is not, by
 * the token that stands for this byte alone. So nothing is lost, where `encode` on a text read with
 * replacement characters would lose it.
 *
 * @returns a function from bytes to ids. It throws {StageError} `E_UNSUPPORTED` if the vocabulary has
 *   no token for a byte that is needed.
 */
export function bytesEncoder(encoder: TokenEncoder): (bytes: Uint8Array) => number[] {
  const idOfByte = new Map<number, number>();
  for (const [id, [byte, ...more]] of encoder.tokenBytes.entries()) {
    if (byte !== undefined && more.length === 0 && !idOfByte.has(byte)) idOfByte.set(byte, id);
  }
  return (bytes) => {
    if (isUtf8(bytes)) return [...encoder.encode(Buffer.from(bytes).toString())];
    const ids: number[] = [];
    for (const part of utf8Parts(bytes)) {
      if (typeof part === "string") for (const id of encoder.encode(part)) ids.push(id);
      else ids.push(idOfByte.get(part) ?? missing(encoder, part));
    }
    return ids;
  };
}

function missing({ source }: TokenEncoder, byte: number): never {
  const name = byte.toString(16).toUpperCase().padStart(2, "0");
  throw new StageError("E_UNSUPPORTED", `${source} has no token for the byte ${name}.`, {
    hint: "Leave out contents that are not UTF-8, or choose a vocabulary that has all bytes.",
  });
}
