import { StageError } from "@repotune/schema";
import type { TrainOptions } from "../options.ts";
import { openDataset, type TokenDataset } from "./token-dataset.ts";

/**
 * Opens the dataset of old sequences that `options` mix in.
 *
 * @returns `undefined` if they mix in none.
 * @throws {StageError} `E_USAGE` if only one of the two options is given, `E_MISMATCH` if the datasets do
 *   not go together, and what {@link openDataset} throws.
 */
export async function openReplay(
  { replay, replayDataset }: TrainOptions,
  { description }: TokenDataset,
): Promise<TokenDataset | undefined> {
  if (replay === 0 && replayDataset === "") return undefined;
  if (replay === 0 || replayDataset === "") {
    throw new StageError("E_USAGE", "--replay and --replay-dataset need each other.", {
      hint: "For example: --replay 0.2 --replay-dataset old/dataset.",
    });
  }
  const old = await openDataset(replayDataset);
  const refuse = async (what: string, hint: string) => {
    await old.close();
    throw new StageError("E_MISMATCH", `The old sequences in ${replayDataset} ${what}.`, { hint });
  };
  if (old.description.vocabulary.vocabulary_hash !== description.vocabulary.vocabulary_hash) {
    await refuse("have another vocabulary", "Tokenize both with the same one.");
  }
  if (old.description.sequence_length > description.sequence_length) {
    await refuse(
      `have up to ${old.description.sequence_length} tokens, the new ones ${description.sequence_length}`,
      `Build it with --sequence-length ${description.sequence_length}, or less.`,
    );
  }
  return old;
}
