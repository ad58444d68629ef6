// Trains a tiny model for 100 steps through the trainer's own entry point, and writes down all that
// another trainer needs to do the same: the model file, each step's batch, the rate, and the
// corrections' first values; with the losses and gradient norms to compare with.
//
//     node record-run.mjs FOLDER [ARCHITECTURE]
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadTrainer } from "../load-trainer.mjs";
import { SHAPES, syntheticModel } from "../synthetic-model.mjs";

const STEPS = 100;
const BATCH = 4;
const SEQUENCE_LENGTH = 64;
const SEED = 5;

const [folder, architecture = "llama"] = process.argv.slice(2);
if (!folder) throw new Error("Usage: record-run.mjs FOLDER [ARCHITECTURE]");
const trainer = await loadTrainer();
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

SHAPES[architecture] = {
  architecture,
  width: 64,
  feedForward: 160,
  layers: 3,
  heads: 4,
  keyValueHeads: 2,
  vocabulary: 320,
  context: 256,
};
const base = await syntheticModel(architecture, "F32", { folder });
const dataset = join(folder, "dataset");
await writeDataset(dataset);

const defaults = Object.entries(trainer.TrainOptionsSchema.properties).map(([name, schema]) => [
  name,
  schema.default,
]);
const options = {
  ...Object.fromEntries(defaults),
  dataset,
  base,
  outputDir: join(folder, "output"),
  steps: STEPS,
  batchSize: BATCH,
  learningRate: 5e-3,
  weightDecay: 0.1,
  gradientClip: 0.5,
  rank: 8,
  alpha: 16,
  seed: SEED,
  patience: 0,
  device: "cpu",
  threads: 1,
};
const report = await trainer.train(options);
if (report.loss_history.length !== STEPS) throw new Error(`${report.loss_history.length} steps`);
await record();

/** Documents of different lengths that share phrases, so that there is something to learn. */
async function writeDataset(path) {
  const { Random, vocabularyHash, SafetensorsWriter, GgufFile } = trainer;
  const random = new Random(SEED);
  const below = (count) => Math.floor(random.uniform() * count);
  const phrases = Array.from({ length: 24 }, () => Array.from({ length: 6 }, () => 3 + below(317)));
  const document = () => Array.from({ length: 2 + below(5) }, () => phrases[below(24)]).flat();
  const gguf = await GgufFile.open(base);
  const vocabulary = gguf.metadata.strings("tokenizer.ggml.tokens");
  await gguf.close();
  await mkdir(path);
  const splits = {};
  for (const [name, sequences] of Object.entries({ train: 60, validation: 4, test: 2 })) {
    const file = `${name}.safetensors`;
    const writer = new SafetensorsWriter(join(path, file));
    const pieces = [];
    let at = 0;
    for (let sequence = 0; sequence < sequences; sequence++) {
      for (let room = SEQUENCE_LENGTH; ; ) {
        const tokens = document();
        if (tokens.length > room) break;
        await writer.append("tokens", "U16", Uint16Array.from(tokens));
        const weights = Uint8Array.from(tokens, () => [0, 25, 100, 100][below(4)]);
        await writer.append("loss_weight_percent", "U8", weights);
        pieces.push(sequence, at, tokens.length);
        at += tokens.length;
        room -= tokens.length;
      }
    }
    await writer.append("pieces", "I64", BigInt64Array.from(pieces, BigInt));
    await writer.append("vocabulary_bytes", "U16", new Uint16Array(vocabulary.length).fill(2));
    const { sha256 } = await writer.commit({}, { pieces: [-1, 3] });
    splits[name] = splitOf(file, sha256, sequences, at);
  }
  const description = {
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
    sequence_length: SEQUENCE_LENGTH,
    split: { ratios: [0.7, 0.15, 0.15], validation_starts_at: "b", test_starts_at: "c" },
    splits,
    recommended_epochs: 3,
    dropped: {},
  };
  await writeFile(join(path, "dataset.json"), JSON.stringify(description));
}

function splitOf(file, sha256, sequences, tokens) {
  return {
    file,
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

/** Writes `run.safetensors`. */
async function record() {
  const { openDataset, Batches, BaseModelFile, Device, SafetensorsWriter } = trainer;
  const writer = new SafetensorsWriter(join(folder, "run.safetensors"));
  const shapes = {};
  const add = (name, dtype, values, shape) => {
    if (shape) shapes[name] = shape;
    return writer.append(name, dtype, values);
  };

  const { train, close } = await openDataset(dataset);
  const batches = new Batches(train, SEED);
  for (let step = 0; step < STEPS; step++) {
    for (const sequence of await batches.read(step * BATCH, BATCH)) {
      const tokens = new Int32Array(SEQUENCE_LENGTH);
      const pieces = new Int32Array(SEQUENCE_LENGTH).fill(-1);
      const weights = new Float32Array(SEQUENCE_LENGTH);
      let at = 0;
      for (const [number, piece] of sequence.entries()) {
        for (let i = 0; i < piece.tokens.length; i++, at++) {
          tokens[at] = piece.tokens[i];
          pieces[at] = number;
          weights[at] = i < piece.predictFrom ? 0 : piece.lossWeights[i] / 100;
        }
      }
      const shape = [STEPS, BATCH, SEQUENCE_LENGTH];
      await add("tokens", "I32", tokens, shape);
      await add("pieces", "I32", pieces, shape); // document of each token; -1: nothing is there
      await add("weights", "F32", weights, shape); // of the loss on predicting the token
    }
  }
  await close();

  const history = (key) => Float32Array.from(report.loss_history, (entry) => entry[key]);
  await add("learning_rates", "F32", history("learning_rate"));
  await add("losses", "F32", history("loss"));
  await add("gradient_norms", "F32", history("gradient_norm"));

  // A and B as the training began with them: they follow from the seed.
  const { rank, alpha, seed } = options;
  const device = Device.open("cpu", 1);
  const file = await BaseModelFile.open(base);
  const model = await file.load(device, { rank, alpha, targets: undefined, seed });
  for (const { name, value, shape } of model.parameters.all) {
    await add(`initial.${name}`, "F32", value.read(), shape.toReversed()); // torch's order
  }
  model.dispose();
  await file.close();
  device.dispose();

  const { weightDecay, gradientClip } = options;
  const settings = {
    base,
    alpha,
    rank,
    weight_decay: weightDecay,
    max_gradient_norm: gradientClip,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
  };
  await writer.commit({ settings: JSON.stringify(settings) }, shapes);
}
