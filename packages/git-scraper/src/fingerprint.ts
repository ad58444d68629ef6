import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openRepository, type Repository } from "@repotune/git";
import { hashText, type StageContext } from "@repotune/schema";

/**
 * A hash of all that a scrape's result depends on in a repository: its name, every ref, HEAD, the
 * boundary of a shallow clone and the object format. Object ids cover the rest.
 *
 * @returns SHA-256, hex.
 * @throws {StageError} as `openRepository` of `@repotune/git`.
 */
export async function repositoryFingerprint(
  path: string,
  { signal }: StageContext = {},
): Promise<string> {
  const repository = await openRepository(path, { signal });
  try {
    return await fingerprintOf(repository);
  } finally {
    await repository.close();
  }
}

/** {@link repositoryFingerprint} of a repository as it was when it was opened. */
export async function fingerprintOf(repository: Repository): Promise<string> {
  // The shadow holds exactly these, in a form that does not depend on how they were stored.
  const files = ["packed-refs", "HEAD", ...(repository.isShallow ? ["shallow"] : [])];
  const contents = await Promise.all(
    files.map((file) => readFile(join(repository.gitDir, file), "latin1")),
  );
  return hashText(JSON.stringify([repository.name, repository.objectFormat, ...contents]));
}
