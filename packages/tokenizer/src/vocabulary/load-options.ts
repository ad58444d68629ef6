import { StageError } from "@repotune/schema";

/** How a vocabulary is read. */
export interface LoadOptions {
  /** Called with what the user should know: that a slower way is taken, or that text is changed. */
  onNotice?: ((notice: string) => void) | undefined;
  /** Identity (`vocabulary_hash`) that the vocabulary must have, because ids of it exist already. */
  expectedHash?: string | undefined;
}

/** @throws {StageError} `E_MISMATCH` if the file holds another vocabulary than is expected. */
export function checkHash(path: string, hash: string, { expectedHash }: LoadOptions): void {
  if (expectedHash === undefined || hash === expectedHash) return;
  throw new StageError(
    "E_MISMATCH",
    `${path} holds the vocabulary ${hash.slice(0, 12)}…; the tokens belong to ${expectedHash.slice(0, 12)}….`,
    { hint: "Give the file that the tokens were made with, or tokenize the history again." },
  );
}
