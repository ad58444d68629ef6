// A dataset of random tokens, for what depends on their number alone.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadTrainer } from "./load-trainer.mjs";

/** Tokens of the validation split: as many as written files are compared on. */
const HELD_OUT_TOKENS = 2048;

/**
 * Writes training sequences of `length` tokens, some to validate on, and one to test on.
 *
 * @param {string} folder
 * @param {string} base GGUF file whose vocabulary it is.
 */
export async function writeRandomDataset(folder, base, length, count = 16) {
  const { GgufFile, Random, SafetensorsWriter, vocabularyHash } = await loadTrainer();
  const file = await GgufFile.open(base);
  await file.close();
  const vocabulary = file.metadata.strings("tokenizer.ggml.tokens");
  const random = new Random(1);
  const held = Math.ceil(HELD_OUT_TOKENS / length);
  const splits = {};
  for (const [name, sequences] of Object.entries({ train: count, validation: held, test: 1 })) {
    const tokens = sequences * length;
    const writer = new SafetensorsWriter(join(folder, `${name}.safetensors`));
    const ids = Uint16Array.from({ length: tokens }, () => random.uniform() * vocabulary.length);
    await writer.append("tokens", "U16", ids);
    await writer.append("loss_weight_percent", "U8", new Uint8Array(tokens).fill(100));
    const pieces = Array.from({ length: sequences }, (_, i) => [i, i * length, length]).flat();
    await writer.append("pieces", "I64", BigInt64Array.from(pieces, BigInt));
    await writer.append("vocabulary_bytes", "U16", new Uint16Array(vocabulary.length).fill(2));
    const { sha256 } = await writer.commit({}, { pieces: [-1, 3] });
    splits[name] = {
      file: `${name}.safetensors`,
      sha256,
      commits: 1,
      first_commit: "a",
      last_commit: "a",
      date_range: { first: null, last: null },
      documents: sequences,
      tokens,
      loss_tokens: tokens,
      bytes: 2 * tokens,
      sequences,
      authors: 1,
      change_types: {},
      document_length_histogram: [],
    };
  }
  const dataset = {
    schema_version: "1.0.0",
    producer: { name: "bench", version: "1.0.0" },
    options: {},
    input_hash: "",
    vocabulary: {
      kind: "gguf",
      vocabulary_hash: vocabularyHash(vocabulary),
      vocab_size: vocabulary.length,
      document_end_id: 2,
    },
    tokenizer_file: null,
    objective: "causal",
    sequence_length: length,
    split: { ratios: [0.7, 0.15, 0.15], validation_starts_at: "b", test_starts_at: "c" },
    splits,
    recommended_epochs: 1,
    dropped: {},
  };
  await writeFile(join(folder, "dataset.json"), JSON.stringify(dataset));
  return folder;
}
