import { type PreviewView, SPLIT_SIDES, type SplitSide } from "@repotune/schema";
import { openDataset } from "../export/open-dataset.ts";
import { recommendedEpochs } from "../recommended-epochs.ts";
import { describeChangeTypes, describeLengths } from "./histograms.ts";
import { describeDropped, describeLeaks } from "./leaks.ts";
import { count } from "./number-text.ts";
import { describeSides } from "./sides.ts";

/**
 * Shows what a dataset consists of, for a person or as one line of JSON. Tokens, documents and
 * sequences are counted in the files, and the epochs computed from that count.
 *
 * @throws {StageError} what {@link openDataset} throws.
 */
export async function* inspectDataset(folder: string, view: PreviewView): AsyncGenerator<string> {
  const { description, sides, close } = await openDataset(folder);
  const counted = {} as Record<SplitSide, { documents: number; tokens: number; rows: number }>;
  for (const { side, offsets, tokens, rows } of sides) {
    counted[side] = { documents: offsets.length - 1, tokens, rows: rows.length / 3 };
  }
  await close();
  const epochs = recommendedEpochs(counted.train.tokens);
  if (view.isJson) {
    yield `${JSON.stringify({ ...description, recommended_epochs: epochs, counted })}\n`;
    return;
  }
  const { bold, dim, yellow } = view.colors;
  const { objective, sequence_length, vocabulary, split } = description;
  const shape = objective === "causal" ? "sequences" : "windows";
  yield `${bold(folder)}  ${objective}, ${shape} of ${count(sequence_length)} tokens, ${vocabulary.kind} vocabulary of ${count(vocabulary.vocab_size)}\n\n`;
  yield* describeSides(description, counted, view);
  yield dim(
    `cuts: validation begins with ${split.validation_starts_at.slice(0, 12)}, test with ${split.test_starts_at.slice(0, 12)}\n`,
  );
  for (const side of SPLIT_SIDES) {
    if (description.splits[side].tokens === counted[side].tokens) continue;
    yield yellow(
      `! dataset.json says ${count(description.splits[side].tokens)} ${side} tokens; the file holds ${count(counted[side].tokens)}\n`,
    );
  }
  yield `\n${bold("epochs")}  ${epochs} = clamp(floor(20,000,000 / ${count(counted.train.tokens)}), 3, 10)\n\n`;
  yield* describeChangeTypes(description, view);
  yield* describeLengths(description, view);
  yield* describeLeaks(description, view);
  yield* describeDropped(description, view);
}
