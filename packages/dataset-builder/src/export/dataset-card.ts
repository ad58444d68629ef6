import { type Dataset, SPLIT_SIDES } from "@repotune/schema";
import type { ExportedSide } from "./export-job.ts";

/**
 * The `README.md` of a dataset in Hugging Face's layout: the `configs` that name each split's files,
 * and what a reader must know of where it comes from
 * (https://huggingface.co/docs/hub/datasets-manual-configuration).
 */
export function datasetCard(dataset: Dataset, sides: readonly ExportedSide[]): string {
  const { objective, sequence_length, split, splits, vocabulary, leak_audit } = dataset;
  const row = objective === "causal" ? "a document, or a piece of a long one" : "a window";
  const examplesOf = (name: string) => sides.find(({ side }) => side === name)?.examples ?? 0;
  const table = SPLIT_SIDES.map((side) => {
    const { commits, date_range, tokens } = splits[side];
    const dates = [date_range.first, date_range.last].map((date) => date?.slice(0, 10) ?? "?");
    const numbers = [commits, examplesOf(side), tokens].map((n) => n.toLocaleString("en-US"));
    return `| ${side} | ${numbers.join(" | ")} | ${dates.join(" to ")} |`;
  });
  const overlap = leak_audit?.line_overlap;
  const leaks =
    overlap === undefined
      ? "It was not searched for leaks."
      : `The leak audit found ${leak_audit?.is_clean ? "nothing" : "leaks, see dataset.json"}; of the lines that held-out commits add, ${percent(overlap.validation.copied_share)} (validation) and ${percent(overlap.test.copied_share)} (test) stand in train already.`;
  return `---
configs:
- config_name: default
  data_files:
${SPLIT_SIDES.map((side) => `  - split: ${side}\n    path: data/${side}-*.parquet`).join("\n")}
dataset_info:
  features:
${["input_ids", "attention_mask", "labels"].map((name) => `  - name: ${name}\n    sequence: int32`).join("\n")}
  splits:
${SPLIT_SIDES.map((side) => `  - name: ${side}\n    num_examples: ${examplesOf(side)}`).join("\n")}
---

# History of a repository, as tokens

Each row is ${row} of at most ${sequence_length} tokens: \`input_ids\`, \`attention_mask\` (all ones: rows are not padded) and \`labels\` (-100 where there is no loss). The ids belong to the vocabulary with the hash \`${vocabulary.vocabulary_hash}\` (${vocabulary.vocab_size} tokens) and to no other.

| split | commits | rows | tokens | dates |
| --- | ---: | ---: | ---: | --- |
${table.join("\n")}

The history is cut in time, between commits: validation begins with \`${split.validation_starts_at}\`, test with \`${split.test_starts_at}\`. ${leaks}
`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
