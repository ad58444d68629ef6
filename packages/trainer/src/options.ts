import { StageError } from "@repotune/schema";
import { type Static, Type } from "typebox";

/** A number, or `auto` for one that depends on the model and the device. */
const orAuto = (minimum: number, description: string) =>
  Type.Union(
    [Type.Number({ minimum }), Type.String({ pattern: "^(auto|\\d+(\\.\\d+)?(e-?\\d+)?)$" })],
    {
      default: "auto",
      description,
    },
  );
const whole = (minimum: number, fallback: number, description: string) =>
  Type.Integer({ minimum, default: fallback, description });

/**
 * What a whole model can be written in: not at all, the type that each tensor has in the base, or one
 * of llama.cpp's usual quantisations.
 */
export const MERGE_TYPES = [
  "none",
  "base",
  "F32",
  "F16",
  "Q8_0",
  "Q4_0",
  "Q4_K_M",
  "Q5_K_M",
  "Q6_K",
] as const;

/** Options of the training stage. */
export const TrainOptionsSchema = Type.Object({
  dataset: Type.String({ default: "dataset", description: "Folder with dataset.json." }),
  base: Type.String({
    default: "scratch",
    description: "GGUF model to fine-tune, or scratch for a new small model.",
  }),
  train: Type.Enum(["auto", "lora", "all"], {
    default: "auto",
    description:
      "What is trained: lora, low-rank corrections of a base; all, every weight, of a base in F32. auto is all for scratch and lora for a base.",
  }),
  adapter: Type.String({
    default: "",
    description:
      "LoRA adapter (GGUF) of the base to train further; rank, alpha and targets are then the adapter's.",
  }),
  replay: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: "Share of old sequences in each batch, so that they are not forgotten.",
  }),
  replayDataset: Type.String({
    default: "",
    description: "Folder with the dataset.json of the old sequences.",
  }),
  outputDir: Type.String({ default: "model", description: "Where the trained model goes." }),
  merge: Type.Enum(MERGE_TYPES, {
    default: "none",
    description:
      "LoRA: also write the base with the corrections merged in, as model.gguf, in the types of the base or in these. Otherwise: what model.gguf is written in, none being F32.",
  }),

  epochs: orAuto(0, "Passes over the training data; auto takes the dataset's recommendation."),
  maxMinutes: orAuto(
    0,
    "Time for the whole training, 0 for no limit; auto is 8 on a CPU and no limit on a GPU.",
  ),
  steps: whole(
    0,
    0,
    "Exact number of optimizer steps, whatever the time; 0 leaves it to the above.",
  ),
  batchSize: orAuto(
    1,
    "Sequences in an optimizer step; auto makes it 1,024 tokens for scratch, 2,048 for a base.",
  ),
  learningRate: orAuto(
    0,
    "Peak of the learning rate; auto is 0.003 for scratch, 0.0002 for LoRA, 0.00002 for all weights of a base, each for the automatic batch size and in proportion to it, at most fourfold.",
  ),
  schedule: Type.Enum(["cosine", "linear", "constant"], {
    default: "cosine",
    description:
      "How the learning rate goes on after the warm-up: down to zero in half a cosine or in a line, or not at all.",
  }),
  weightDecay: orAuto(0, "AdamW's decay of matrices; auto is 0.1 for scratch, else 0.01."),
  moments: Type.Enum(["f32", "8bit"], {
    default: "f32",
    description:
      "How AdamW's two running means are stored: 8bit takes a quarter of the memory, and is a little less exact.",
  }),
  gradientClip: Type.Number({
    exclusiveMinimum: 0,
    default: 1,
    description: "Largest L2 norm of the gradient; a longer one is scaled down.",
  }),
  seed: whole(0, 1, "Number that all random choices follow from."),

  rank: whole(1, 16, "LoRA: rank of the corrections."),
  alpha: Type.Number({
    exclusiveMinimum: 0,
    default: 32,
    description: "LoRA: corrections are scaled by alpha / rank.",
  }),
  rslora: Type.Boolean({
    default: false,
    description: "LoRA: scale by alpha / √rank instead, which suits high ranks (rsLoRA).",
  }),
  loraPlus: Type.Number({
    exclusiveMinimum: 0,
    default: 1,
    description: "LoRA: learning rate of the factors B, as a multiple of that of A (LoRA+).",
  }),
  dropout: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: "LoRA: share of a correction's inputs that are left out at random in training.",
  }),
  targets: Type.String({
    default: "all",
    description: "LoRA: matrices to correct, e.g. attn_q,attn_v.",
  }),

  embeddingLength: whole(8, 128, "Scratch: width of the model."),
  layers: whole(1, 4, "Scratch: number of layers."),
  heads: whole(1, 2, "Scratch: attention heads."),
  keyValueHeads: whole(0, 0, "Scratch: heads of keys and values; 0 for as many as heads."),
  feedForwardLength: whole(
    0,
    0,
    "Scratch: width of the feed-forward blocks; 0 for 8/3 of the model's.",
  ),
  untied: Type.Boolean({
    default: false,
    description: "Scratch: give the output layer a matrix of its own.",
  }),

  evaluations: whole(
    1,
    5,
    "At least so many measurements of the validation loss, evenly spaced, besides those after each epoch.",
  ),
  evaluateEvery: whole(
    0,
    0,
    "Steps from one measurement to the next, in place of --evaluations; 0 leaves it at those.",
  ),
  validationTokens: whole(1, 32_768, "About so many tokens of a split are measured on."),
  samples: whole(
    0,
    48,
    "At each measurement, let the model go on from a held-out text for so many tokens; 0 for none.",
  ),
  patience: whole(0, 3, "Stop after so many measurements without progress; 0 never."),
  minGain: Type.Number({
    minimum: 0,
    default: 1e-4,
    description: "By how much the validation loss must fall to be progress, nats a token.",
  }),
  checkpointEvery: Type.Number({
    minimum: 0,
    default: 60,
    description: "Seconds between checkpoints: a crash costs at most this much work.",
  }),

  dryRun: Type.Boolean({
    default: false,
    description: "Plan memory, time 20 steps, say what the training would take, and write nothing.",
  }),
  device: Type.String({
    default: "auto",
    description: "Device to compute on, e.g. cpu or CUDA0; auto prefers a GPU.",
  }),
  threads: whole(0, 0, "Threads on a CPU; 0 for what is fastest, at most one a core and 8."),
});

/** Options that say where and how fast, and inputs, which are known by their contents. */
const INCIDENTAL_OPTIONS = [
  "dataset",
  "base",
  "adapter",
  "replayDataset",
  "outputDir",
  "checkpointEvery",
  "dryRun",
  "device",
  "threads",
] as const;

/** Options that say what is written down of a training, and leave the training as it is. */
const OUTPUT_OPTIONS = ["samples", "merge"] as const;

/** Options of a training; see the descriptions in {@link TrainOptionsSchema}. */
export type TrainOptions = Static<typeof TrainOptionsSchema>;

/**
 * What a training changes: every weight of a new model (`scratch`) or of a base (`all`), or low-rank
 * corrections of a base (`lora`).
 */
export type TrainingKind = "scratch" | "lora" | "all";

/**
 * What `options` ask to be trained.
 *
 * @throws {StageError} `E_USAGE` for LoRA of a model that does not exist yet, or an adapter for a
 *   training that is not one of LoRA.
 */
export function trainingKind({ base, train, adapter }: TrainOptions): TrainingKind {
  const kind = base === "scratch" ? "scratch" : train === "all" ? "all" : "lora";
  if (kind === "scratch" && train === "lora") {
    throw new StageError("E_USAGE", "--train lora corrects a base, and --base is scratch.", {
      hint: "Give a GGUF model as --base, or leave --train out.",
    });
  }
  if (adapter === "" || kind === "lora") return kind;
  throw new StageError("E_USAGE", `--adapter ${adapter} is trained further as LoRA only.`, {
    hint: "Give the adapter's base as --base, and --train lora or nothing.",
  });
}

/** The value of an option that may be `auto`. */
export const resolveAuto = (value: number | string, automatic: number): number =>
  value === "auto" ? automatic : Number(value);

/** Options that the result depends on. */
export const resultOptions = (options: TrainOptions) => without(options, INCIDENTAL_OPTIONS);

/** Options that the training itself depends on. */
export const trainingOptions = (options: TrainOptions) =>
  without(options, [...INCIDENTAL_OPTIONS, ...OUTPUT_OPTIONS]);

const without = (options: TrainOptions, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
