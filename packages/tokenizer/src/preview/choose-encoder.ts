import { access } from "node:fs/promises";
import { join } from "node:path";
import { type StageContext, StageError } from "@repotune/schema";
import type { TokenizeOptions } from "../options.ts";
import { loadTokenizerJson } from "../vocabulary/from-tokenizer-json.ts";
import type { TokenEncoder } from "../vocabulary/token-encoder.ts";

/**
 * The vocabulary that the options name, or the one that an earlier run left in the output folder.
 *
 * @throws {StageError} `E_NOT_FOUND` if there is none, and what loading one can throw.
 */
export async function chooseEncoder(
  { base, tokenizer, outputDir }: TokenizeOptions,
  context: StageContext,
): Promise<TokenEncoder> {
  if (base !== undefined) {
    const { loadGgufVocabulary } = await import("../vocabulary/from-gguf.ts");
    return loadGgufVocabulary(base, context);
  }
  const path = tokenizer ?? join(outputDir, "tokenizer.json");
  const isMissing = await access(path).then(
    () => false,
    () => true,
  );
  if (tokenizer === undefined && isMissing) {
    throw new StageError("E_NOT_FOUND", `There is no vocabulary ${path}.`, {
      hint: "Run once without --preview to train one, or name one with --tokenizer FILE or --base FILE.gguf.",
    });
  }
  return loadTokenizerJson(path, context);
}
