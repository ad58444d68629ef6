import type { Commit, StageContext } from "@repotune/schema";
import type { ScrapeOptions } from "./options.ts";
import { Scrape } from "./scrape.ts";

/**
 * Reads a repository's whole history, oldest commit first, in bounded memory.
 *
 * Missing objects cost what they hold: a blob one file's patch, a tree one commit's patches. For
 * what was left out, and facts about the whole, use {@link Scrape}.
 *
 * @param path root of a work tree, or a bare repository.
 * @throws {StageError} as {@link Scrape.open}; `E_INTERRUPTED` once `context.signal` is aborted.
 */
export async function* scrapeCommits(
  path: string,
  options: ScrapeOptions = {},
  context: StageContext = {},
): AsyncGenerator<Commit> {
  const scrape = await Scrape.open(path, options, context);
  try {
    yield* scrape.commits();
  } finally {
    await scrape.close();
  }
}
