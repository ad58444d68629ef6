import { readSidecar, StageError } from "@repotune/schema";
import type { TokenizeOptions } from "./options.ts";
import { RENDERINGS } from "./render/renderings.ts";
import type { RenderOptions } from "./stream/render-history.ts";

/**
 * Characters that units share a document with, for each token it may have: few enough that hardly any
 * is cut, since vocabularies have three to four characters a token.
 */
const JOINED_CHARACTERS_PER_TOKEN = 2;

/** How the options say that documents are laid out. */
export async function renderOptions({
  commits,
  rendering,
  includeData,
  maxDocumentTokens,
}: TokenizeOptions): Promise<RenderOptions> {
  const repository = (await readSidecar(commits))?.metadata.repository.replace(/\.git$/, "");
  const maxJoinedCharacters = maxDocumentTokens * JOINED_CHARACTERS_PER_TOKEN;
  return { rendering, repository, includeData, maxJoinedCharacters };
}

/** @throws {StageError} `E_USAGE` if holes are wanted where no code stands in whole. */
export function checkFim({ fimRate, rendering }: TokenizeOptions): void {
  if (fimRate === 0 || RENDERINGS[rendering].hasWholeCode) return;
  const able = Object.entries(RENDERINGS).filter(([, { hasWholeCode }]) => hasWholeCode);
  throw new StageError("E_USAGE", `--fim-rate does not go with --rendering ${rendering}.`, {
    hint: `It shows no code in whole that could have a hole: use ${able.map(([name]) => name).join(" or ")}.`,
  });
}
