import { join } from "node:path";
import {
  type Producer,
  recordedOptions,
  SCHEMA_VERSION,
  type StageContext,
  StageError,
  writeFileAtomically,
  writeJsonFile,
} from "@repotune/schema";
import { readTokenizerFile } from "../input/tokenizer-file.ts";
import { datasetCard } from "./dataset-card.ts";
import { checkRoom, estimateBytes, megabytes } from "./estimate.ts";
import type { ExportedSide, ExportJob, TextJob } from "./export-job.ts";
import { exportJsonl } from "./jsonl.ts";
import { exportNpy } from "./npy.ts";
import { type OpenDataset, openDataset } from "./open-dataset.ts";
import type { ExportOptions } from "./options.ts";
import { exportParquet } from "./parquet.ts";
import { recipesFor } from "./recipes.ts";
import { exportSafetensors } from "./safetensors.ts";
import { exportText } from "./text.ts";
import { tokenTextOf } from "./token-text.ts";
import { tokenizerConfig } from "./tokenizer-config.ts";

/** From this size on, a person is told before the export begins. */
const LARGE_BYTES = 1e9;

/** What an export wrote, or would write. */
export interface ExportResult {
  /** What was expected, in bytes. */
  estimatedBytes: number;
  /** Empty if only the estimate was wanted. */
  sides: ExportedSide[];
}

/**
 * Writes a dataset in a format that other software reads, a side after the other, in memory that does
 * not grow with it.
 *
 * @throws {StageError} `E_USAGE` for a format that does not go with the dataset's objective,
 *   `E_UNSUPPORTED` if text is wanted and there is no vocabulary to write it with, `E_MISMATCH` for ids
 *   or a tokenizer of another vocabulary, `E_OUTPUT` if there is no room, and what opening can throw.
 */
export async function exportDataset(
  options: ExportOptions,
  producer: Producer,
  context: StageContext = {},
): Promise<ExportResult> {
  const dataset = await openDataset(options.dataset);
  try {
    const { write, tokenizerJson } = await formatOf(options, dataset);
    const estimatedBytes = estimateBytes(dataset, options);
    if (options.estimate) return { estimatedBytes, sides: [] };
    await checkRoom(options.outputDir, estimatedBytes);
    if (estimatedBytes >= LARGE_BYTES) {
      context.onNotice?.(`The export will take about ${megabytes(estimatedBytes)}.`);
    }
    const total = dataset.sides.reduce((sum, { rows }) => sum + rows.length / 3, 0);
    let done = 0;
    const job: ExportJob = {
      dataset,
      options,
      context,
      createdBy: `${producer.name} ${producer.version}`,
      count: (examples) => {
        done += examples;
        context.onProgress?.({ stage: "export", done, total, unit: "examples" });
      },
    };
    const sides: ExportedSide[] = [];
    for (const side of dataset.sides) sides.push(await write(job, side));
    await writeCompanions(dataset, options, sides, tokenizerJson);
    await writeJsonFile(join(options.outputDir, "export.json"), {
      schema_version: SCHEMA_VERSION,
      producer,
      options: recordedOptions({ format: options.format, minLossWeight: options.minLossWeight }),
      input_hash: dataset.description.input_hash,
      vocabulary: dataset.description.vocabulary,
      sides: Object.fromEntries(sides.map(({ side, ...rest }) => [side, rest])),
    });
    return { estimatedBytes, sides };
  } finally {
    await dataset.close();
  }
}

/** The function that writes a side, once everything it needs is there. */
async function formatOf(options: ExportOptions, dataset: OpenDataset) {
  const { format } = options;
  const tokenizerJson = await readVocabulary(options, dataset);
  if (format === "parquet") return { write: exportParquet, tokenizerJson };
  if (format === "npy") return { write: exportNpy, tokenizerJson };
  if (format === "safetensors") return { write: exportSafetensors, tokenizerJson };
  if (tokenizerJson === undefined) {
    throw new StageError(
      "E_UNSUPPORTED",
      `${options.dataset} has the vocabulary of a base model and no tokenizer.json, so its ids cannot be written as text.`,
      {
        hint: "Give the base model's: --tokenizer tokenizer.json. Or export ids: --format parquet.",
      },
    );
  }
  const text = tokenTextOf(
    tokenizerJson,
    options.tokenizer ?? join(options.dataset, "tokenizer.json"),
  );
  const write = format === "jsonl" ? exportJsonl : exportText;
  return {
    write: (job: ExportJob, side: OpenDataset["sides"][number]) =>
      write({ ...job, text } satisfies TextJob, side),
    tokenizerJson,
  };
}

/** Text of the tokenizer.json that the ids belong to, if there is one. */
async function readVocabulary(
  { dataset: folder, tokenizer }: ExportOptions,
  { description }: OpenDataset,
): Promise<string | undefined> {
  const { tokenizer_file, vocabulary } = description;
  const path = tokenizer ?? (tokenizer_file === null ? undefined : join(folder, tokenizer_file));
  return path === undefined ? undefined : readTokenizerFile(path, vocabulary);
}

/** Writes what goes with the data: the card, the tokenizer, and recipes for trainers. */
async function writeCompanions(
  dataset: OpenDataset,
  options: ExportOptions,
  sides: readonly ExportedSide[],
  tokenizerJson: string | undefined,
): Promise<void> {
  const { outputDir, format } = options;
  const files: Record<string, string> = recipesFor(dataset.description, format, sides);
  if (format === "parquet") files["README.md"] = datasetCard(dataset.description, sides);
  if (tokenizerJson !== undefined && format !== "text") {
    files["tokenizer.json"] = tokenizerJson;
    files["tokenizer_config.json"] = tokenizerConfig(tokenizerJson, dataset.description.vocabulary);
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFileAtomically(join(outputDir, name), text);
  }
}
