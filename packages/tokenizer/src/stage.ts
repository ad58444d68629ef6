import { join } from "node:path";
import { defineStage, producerOf } from "@repotune/schema";
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
  run: async (options, context) => {
    const { tokenize } = await import("./tokenize.ts");
    return tokenize(options, producer, context);
  },
});
