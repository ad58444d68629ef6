import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeDocument, encoderOf, RENDERINGS, type RenderingName } from "../src/index.ts";
import { documentsOf, readIds, smallCommit } from "./small-history.ts";
import { baseVocabulary, realVocabulary } from "./vocabulary.ts";

const encoders = {
  own: encoderOf(realVocabulary(), "trained"),
  base: encoderOf(baseVocabulary(), "tokenizer.json"),
};
const names = Object.keys(RENDERINGS) as RenderingName[];
const cases = names.flatMap((rendering) => [
  { rendering, vocabulary: "own" as const },
  { rendering, vocabulary: "base" as const },
]);

test.each(cases)(
  "a commit reads as it should: $rendering, $vocabulary vocabulary",
  async ({ rendering, vocabulary }) => {
    const encoder = encoders[vocabulary];
    const documents = await documentsOf(smallCommit(), { rendering, repository: "ledger" });
    const texts = documents.map(({ pieces }) =>
      readIds(encoder, encodeDocument(pieces, encoder, 4096).ids),
    );
    const golden = new URL(`golden/${rendering}.${vocabulary}.txt`, import.meta.url);
    expect(`${texts.join("\n----\n")}\n`).toBe(readFileSync(golden, "utf8"));
  },
);
