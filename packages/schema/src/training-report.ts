import { type Static, Type } from "typebox";
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

/** JSON Schema of `training_report.json`. */
export const TrainingReportSchema = Type.Object(
  {
    ...provenance,
    base: Type.String({ description: "`scratch`, or the base model's file name." }),
    base_hash: Type.Union([Type.String(), Type.Null()], {
      description: "SHA-256 of the base file; null for scratch.",
    }),
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
    peak_memory_bytes: Count("Largest resident memory of the training process."),
    stop_reason: Type.Enum(["completed", "time_budget", "early_stopping", "interrupted"]),
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
  },
  {
    $id: "https://repotune.dev/schema/1/training-report.schema.json",
    title: "training_report.json",
  },
);

export type TrainingReport = Static<typeof TrainingReportSchema>;
