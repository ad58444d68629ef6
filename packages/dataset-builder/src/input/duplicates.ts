import { createHash } from "node:crypto";
import type { TokenDocument } from "./token-stream.ts";

/** Characters of base64 kept of a digest: 132 bits, enough to tell millions of documents apart. */
const DIGEST_CHARACTERS = 22;

/**
 * Makes a function that tells whether a document repeats, token for token, one it was given before.
 *
 * Histories are full of such repetitions: a branch that was rebased holds its commits twice.
 */
export function duplicateFinder(): (document: TokenDocument) => boolean {
  const seen = new Set<string>();
  return ({ ids }) => {
    const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
    const digest = createHash("sha256").update(bytes).digest("base64").slice(0, DIGEST_CHARACTERS);
    if (seen.has(digest)) return true;
    seen.add(digest);
    return false;
  };
}
