import { createHmac } from "node:crypto";
import type { Commit } from "@repotune/schema";

/** What stands for a commit's author in a document. */
export type Authors = "hash" | "keep" | "omit";

/** Hex digits of a pseudonym: among a thousand people, two share one with a chance of 0.01 %. */
const DIGITS = 8;

/**
 * A commit's author as documents name them: by a keyed hash of the e-mail address in lower case, by
 * name, or not at all. Names that a mailmap joins are one.
 *
 * The hash tells people of one history apart and keeps their names out of a model. It is no secret
 * from those who know both the key and an address; the scraper's pseudonyms with a salt of one's own
 * are.
 *
 * @param key of the hash: the same key gives the same pseudonyms.
 */
export function authorLabel(
  { canonical_author: name, canonical_author_email: email }: Commit["metadata"],
  authors: Authors,
  key: string,
): string | undefined {
  const identity = (email.trim() || name.trim()).toLowerCase();
  if (authors === "omit" || identity === "") return undefined;
  if (authors === "keep") return name.trim() || identity;
  return `author-${createHmac("sha256", key).update(identity).digest("hex").slice(0, DIGITS)}`;
}
