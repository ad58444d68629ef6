import { join } from "node:path";
import { type Dataset, DatasetSchema, hashFile, readJsonFile, StageError } from "@repotune/schema";
import { TokenSplit } from "./token-split.ts";

/** A dataset folder, open for reading. */
export interface TokenDataset {
  /** Contents of `dataset.json`. */
  description: Dataset;
  train: TokenSplit;
  validation: TokenSplit;
  test: TokenSplit;
  /** Absolute or relative path of `tokenizer.json`, if the dataset has one. */
  tokenizerPath: string | null;
  close(): Promise<void>;
}

/**
 * Opens a folder with `dataset.json` and its splits.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT`, `E_TRUNCATED`, `E_SCHEMA_VERSION`, or `E_TOO_SMALL`
 *   if there is nothing to train or to validate on.
 */
export async function openDataset(folder: string): Promise<TokenDataset> {
  const description = await readJsonFile(join(folder, "dataset.json"), DatasetSchema);
  const { objective, sequence_length, splits, tokenizer_file } = description;
  const opened: TokenSplit[] = [];
  const close = async () => {
    await Promise.all(opened.map((split) => split.close()));
  };
  try {
    for (const { file, sha256 } of [splits.train, splits.validation, splits.test]) {
      const path = join(folder, file);
      opened.push(await TokenSplit.open(path, objective, sequence_length));
      if ((await hashFile(path)) === sha256) continue;
      throw new StageError("E_INPUT", `${path} is not the file that dataset.json describes.`, {
        hint: "It is damaged, or of another dataset: build the dataset anew.",
      });
    }
    const [train, validation, test] = opened as [TokenSplit, TokenSplit, TokenSplit];
    for (const [name, split] of Object.entries({ train, validation })) {
      if (split.length > 0) continue;
      throw new StageError("E_TOO_SMALL", `The ${name} split of ${folder} holds no sequence.`, {
        hint: "Choose a repository with more history, or another split.",
      });
    }
    const tokenizerPath = tokenizer_file === null ? null : join(folder, tokenizer_file);
    return { description, train, validation, test, tokenizerPath, close };
  } catch (error) {
    await close();
    throw error;
  }
}
