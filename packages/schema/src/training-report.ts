import { type Static, type TInteger, type TNumber, Type } from "typebox";
import { MemoryPlanSchema } from "./memory-plan.ts";
import { provenance } from "./provenance.ts";

const Count = (description: string) => Type.Integer({ minimum: 0, description });

const EvaluationSchema = Type.Object({
  step: Count("Optimizer steps taken before it."),
  epoch: Type.Number({ minimum: 0, description: "Passes over the training data before it." }),
  loss: Type.Number({ description: "Weighted mean negative log-likelihood, nats a token." }),
  perplexity: Type.Number({ description: "exp(loss)." }),
  bits_per_byte: Type.Number({
    description: "Bits to encode a byte of text: all tokens that carry text, unweighted.",
  }),
  token_accuracy: Type.Number({
    minimum: 0,
    maximum: 1,
    description: "Share of weighted tokens predicted first.",
  }),
  tokens: Count("Tokens that were predicted to measure this."),
});

/** Quality on one split at one moment. */
export type Evaluation = Static<typeof EvaluationSchema>;

const orNull = (schema: TNumber | TInteger, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const Bytes = Type.Integer({ minimum: 0 });

const GpuReadingSchema = Type.Object({
  name: Type.String(),
  used_memory_bytes: orNull(
    Bytes,
    "Of all programs together; null where the driver does not tell.",
  ),
  total_memory_bytes: orNull(Bytes, "Null where the driver does not tell."),
  load: orNull(Type.Number({ minimum: 0, maximum: 1 }), "Share of time in which it was busy."),
  temperature_celsius: orNull(Type.Number(), "Null where the driver does not tell."),
});

/** State of a GPU at one moment. */
export type GpuReading = Static<typeof GpuReadingSchema>;

const HardwareSampleSchema = Type.Object({
  seconds: Type.Number({ minimum: 0, description: "Since the training began, without pauses." }),
  cpu_load: Share("Of all cores, by all programs, since the sample before."),
  resident_bytes: Count("Memory of the training process."),
  free_memory_bytes: Count("Memory that is left to it."),
  gpus: Type.Array(GpuReadingSchema),
});

/** Load and memory of the machine at one moment. */
export type HardwareSample = Static<typeof HardwareSampleSchema>;

const HardwareReportSchema = Type.Object({
  interval_seconds: Type.Number({
    description: "Time between samples: 10 s, doubled whenever there are 2,000.",
  }),
  samples: Type.Array(HardwareSampleSchema),
  peaks: Type.Object(
    {
      cpu_load: Share("As in the samples."),
      resident_bytes: Count("As in the samples."),
      gpu_memory_bytes: orNull(Bytes, "Of the GPU that used most."),
      gpu_load: orNull(Type.Number({ minimum: 0, maximum: 1 }), "Of the busiest GPU."),
      gpu_temperature_celsius: orNull(Type.Number(), "Of the hottest GPU."),
    },
    { description: "Over all samples, also those that were thinned out." },
  ),
});

/** What a training asked of the machine. */
export type HardwareReport = Static<typeof HardwareReportSchema>;

const ContinuationSchema = Type.Object({
  step: Count("Optimizer steps taken before it."),
  prompt: Type.Array(Count("Id."), { description: "Beginning of a held-out document." }),
  tokens: Type.Array(Count("Id."), {
    description: "What the model goes on with, the most probable token each time.",
  }),
  prompt_text: Type.Union([Type.String(), Type.Null()], {
    description: "Null for a kind of vocabulary that is not spelled in bytes.",
  }),
  text: Type.Union([Type.String(), Type.Null()]),
});

/** How the model goes on from a held-out document at one moment. */
export type Continuation = Static<typeof ContinuationSchema>;

const ExportCheckSchema = Type.Object({
  tokens: Count("Held-out tokens whose loss is compared."),
  compared_distributions: Count("Tokens of these whose predictions are compared as a whole."),
  loss: Type.Number({ description: "Of the trained weights in memory, nats a token, unweighted." }),
  divergence_of_base: orNull(
    Type.Number(),
    "Mean Kullback-Leibler divergence of the base from the trained weights: what the training changed. Null for scratch.",
  ),
  files: Type.Array(
    Type.Object({
      file: Type.String(),
      types: Type.String({ description: "What --merge asked for; of an adapter, F32." }),
      loss: Type.Number({ description: "Of the file, read again." }),
      divergence: Type.Number({
        description: "Mean Kullback-Leibler divergence from the weights in memory, nats a token.",
      }),
      largest_difference: Type.Number({
        description: "Largest difference of a held-out token's log-probability.",
      }),
      allowed_divergence: Type.Number(),
      control_divergence: orNull(
        Type.Number(),
        "The same of weights with random errors as large as those of the types; null where it was not needed.",
      ),
    }),
    { description: "Files that were read again and compared before they got their names." },
  ),
});

/** How well the written files hold what was trained. */
export type ExportCheck = Static<typeof ExportCheckSchema>;

const finiteOrNull = (description: string) =>
  Type.Union([Type.Number(), Type.Null()], { description: `${description} Null if not finite.` });

const SkippedStepSchema = Type.Object({
  step: Count("From 1."),
  reason: Type.Enum(["not_finite", "loss_spike", "gradient_spike"]),
  loss: finiteOrNull("Of the batch."),
  gradient_norm: finiteOrNull("L2 norm over all gradients, before clipping."),
  sequences: Type.Array(Type.String(), { description: "Split and number of each in the batch." }),
});

/** A training step that changed nothing, and why. */
export type SkippedStep = Static<typeof SkippedStepSchema>;

const RollbackSchema = Type.Object({
  from_step: Count("The last of the bad steps."),
  to_step: Count("Steps behind the state that training went on from."),
  rate_factor: Type.Number({ description: "Factor on all learning rates from there on." }),
});

/** A return to an earlier state. */
export type Rollback = Static<typeof RollbackSchema>;

/** JSON Schema of `training_report.json`. */
export const TrainingReportSchema = Type.Object(
  {
    ...provenance,
    base: Type.String({ description: "`scratch`, or the base model's file name." }),
    base_hash: Type.Union([Type.String(), Type.Null()], {
      description:
        "SHA-256 of the base file, or of its parts' hashes if it is split; null for scratch.",
    }),
    kind: Type.Enum(["scratch", "lora", "all"], {
      description: "What was trained: a new model, low-rank corrections, or all of a base.",
    }),
    adapter_hash: Type.Union([Type.String(), Type.Null()], {
      description: "SHA-256 of the adapter that was trained further, if there was one.",
    }),
    replay: Type.Union(
      [
        Type.Object({
          share: Type.Number({ minimum: 0, maximum: 1, description: "Of the sequences." }),
          dataset_hash: Type.String({ description: "SHA-256 of its dataset.json." }),
        }),
        Type.Null(),
      ],
      { description: "Old sequences that were mixed in." },
    ),
    architecture: Type.String(),
    output: Type.String({ description: "The trained file: adapter.gguf or model.gguf." }),
    parameters: Type.Object({
      total: Count("Weights of the model."),
      trained: Count("Weights that were trained."),
    }),
    device: Type.Object({ name: Type.String(), description: Type.String() }),
    threads: Type.Integer({ minimum: 1 }),
    seed: Type.Integer(),
    sequence_length: Type.Integer({ minimum: 2 }),
    batch_size: Type.Integer({ minimum: 1, description: "Sequences in one optimizer step." }),
    planned_steps: Count("Steps that the schedule was laid out for."),
    steps: Count("Steps taken."),
    epochs: Type.Number({ minimum: 0, description: "Passes over the training data." }),
    tokens_seen: Count("Tokens that went through training steps."),
    elapsed_seconds: Type.Number({ minimum: 0 }),
    tokens_per_second: Type.Number({ minimum: 0 }),
    memory_plan: MemoryPlanSchema,
    peak_memory_bytes: Count("Largest resident memory of the training process."),
    stop_reason: Type.Enum(["completed", "time_budget", "early_stopping"]),
    skipped_steps: Type.Array(SkippedStepSchema, {
      description: "Steps whose gradients were left out. They count among the steps.",
    }),
    rollbacks: Type.Array(RollbackSchema, {
      description: "Returns to an earlier state, after many bad steps in a row.",
    }),
    validation: Type.Object({
      before: EvaluationSchema,
      best: EvaluationSchema,
      history: Type.Array(EvaluationSchema),
    }),
    test: Type.Union([EvaluationSchema, Type.Null()], {
      description: "The kept weights on the test split, measured once, at the end.",
    }),
    loss_history: Type.Array(
      Type.Object({
        step: Count("From 1."),
        loss: Type.Number(),
        learning_rate: Type.Number(),
        gradient_norm: Type.Number({ description: "L2 norm over all gradients, before clipping." }),
        tokens: Count("Tokens of the step."),
      }),
    ),
    speed_history: Type.Array(Type.Number({ minimum: 0 }), {
      description: "Tokens a second of each step of loss_history.",
    }),
    samples: Type.Array(ContinuationSchema, {
      description: "One for each measurement of the validation split.",
    }),
    hardware: HardwareReportSchema,
    export: ExportCheckSchema,
  },
  {
    $id: "https://repotune.dev/schema/1/training-report.schema.json",
    title: "training_report.json",
  },
);

export type TrainingReport = Static<typeof TrainingReportSchema>;
