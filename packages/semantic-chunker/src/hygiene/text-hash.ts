import { hash } from "node:crypto";

/** The first 64 bits of a text's SHA-1, as two numbers of 32 bits. */
export function textHash(text: string): [number, number] {
  const digest = hash("sha1", text, "buffer");
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
