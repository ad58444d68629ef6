import { join } from "node:path";
import {
  commitsLineagePath,
  defineStage,
  hashFile,
  isStageError,
  producerOf,
  readSidecar,
} from "@repotune/schema";
import { TokenizeOptionsSchema } from "./options.ts";

const producer = producerOf(import.meta.url);

/** Turns commits and chunks into token ids. */
export const stage = defineStage({
  producer,
  verb: "tokenize",
  summary:
    "Train a vocabulary on the history, or take a base model's, and write the history in ids.",
  options: TokenizeOptionsSchema,
  incidental: ["chunks", "commits", "outputDir"],
  inputs: ({ chunks, commits, base, tokenizer }) =>
    [chunks, commits, base, tokenizer].filter((path) => path !== undefined),
  outputs: ({ outputDir, base }) => {
    const names = ["tokens.safetensors", "vocab_stats.json"];
    if (base === undefined) names.push("tokenizer.json");
    return names.map((name) => join(outputDir, name));
  },
  // The split goes by branches; one rendering tells them, and the repository's name.
  fingerprint: ({ commits }) => circumstancesHash(commits),
  run: async (options, context) => {
    const { tokenize } = await import("./tokenize.ts");
    return tokenize(options, producer, context);
  },
  async *preview(revision, options, view, context) {
    const { previewCommit } = await import("./preview/preview-commit.ts");
    yield* previewCommit(revision, options, view, context);
  },
});

/** A hash of what stands beside commits: their lineage, where there is one, and the repository. */
async function circumstancesHash(commits: string): Promise<string> {
  const repository = (await readSidecar(commits))?.metadata.repository ?? "";
  const lineage = await hashFile(commitsLineagePath(commits)).catch((error: unknown) => {
    if (isStageError(error) && error.code === "E_NOT_FOUND") return "";
    throw error;
  });
  return `${repository}\n${lineage}`;
}
