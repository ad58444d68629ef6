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
    "Sequences in an optimizer step; auto makes it 1,024 tokens for scratch, 2,048 for LoRA.",
  ),
  learningRate: orAuto(0, "Peak of the learning rate; auto is 0.003 for scratch, 0.0002 for LoRA."),
  weightDecay: orAuto(0, "AdamW's decay of matrices; auto is 0.1 for scratch, 0.01 for LoRA."),
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

  evaluations: whole(1, 5, "At least so many measurements of the validation loss on the way."),
  validationTokens: whole(1, 32_768, "About so many tokens of a split are measured on."),
  samples: whole(
    0,
    48,
    "At each measurement, let the model go on from a held-out text for so many tokens; 0 for none.",
  ),
  patience: whole(0, 4, "Stop after so many measurements without progress; 0 never."),

  device: Type.String({
    default: "auto",
    description: "Device to compute on, e.g. cpu or CUDA0; auto prefers a GPU.",
  }),
  threads: whole(0, 0, "Threads on a CPU; 0 for what is fastest, at most one a core and 8."),
});

/** Options that say where and how fast, and inputs, which are known by their contents. */
export const INCIDENTAL_OPTIONS = ["dataset", "base", "outputDir", "device", "threads"] as const;

/** Options that say what is written down of a training, and leave the training as it is. */
export const OUTPUT_OPTIONS = ["samples", "merge"] as const;

/** Options of a training; see the descriptions in {@link TrainOptionsSchema}. */
export type TrainOptions = Static<typeof TrainOptionsSchema>;

/** The value of an option that may be `auto`. */
export const resolveAuto = (value: number | string, automatic: number): number =>
  value === "auto" ? automatic : Number(value);
