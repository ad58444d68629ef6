import { GgufFile } from "@repotune/ggml";
import { type TinyModelOptions, tinyModel } from "@repotune/test-kit/models";
import { writeDataset } from "./dataset.ts";

/** A tiny base and a dataset in its vocabulary. */
export async function loraInput(options: TinyModelOptions = {}) {
  const base = await tinyModel({
    width: 64,
    feedForward: 128,
    heads: 4,
    keyValueHeads: 2,
    gain: 2,
    ...options,
  });
  const file = await GgufFile.open(base);
  const tokens = file.metadata.strings("tokenizer.ggml.tokens");
  await file.close();
  const { folder } = await writeDataset({ tokens, documents: 4 });
  return { base, dataset: folder, tokens };
}
