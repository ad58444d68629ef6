import { SPLIT_PRESETS } from "@repotune/schema";
import { type Static, Type } from "typebox";

/** Options of the stage. */
export const BuildOptionsSchema = Type.Object({
  tokens: Type.String({
    default: "tokens",
    description: "Folder with tokens.safetensors and tokenizer.json.",
  }),
  commits: Type.String({
    default: "commits.jsonl",
    description: "commits.jsonl or commits.json the tokens come from.",
  }),
  outputDir: Type.String({ default: "dataset", description: "Folder to write." }),
  split: Type.Enum(Object.keys(SPLIT_PRESETS), {
    default: "70/15/15",
    description: "Shares of train, validation and test, cut in time between commits.",
  }),
  objective: Type.Enum(["causal", "context-target"], {
    default: "causal",
    description: "causal packs documents into sequences; context-target slides a window over them.",
  }),
  sequenceLength: Type.Integer({
    default: 512,
    minimum: 16,
    maximum: 1_000_000,
    description: "Tokens of a packed sequence (causal).",
  }),
  contextLength: Type.Integer({
    default: 2048,
    minimum: 1,
    maximum: 1_000_000,
    description: "Tokens given (context-target).",
  }),
  targetLength: Type.Integer({
    default: 256,
    minimum: 1,
    maximum: 1_000_000,
    description: "Tokens to predict (context-target).",
  }),
  stride: Type.Integer({
    default: 128,
    minimum: 1,
    maximum: 1_000_000,
    description: "Tokens from one window to the next (context-target).",
  }),
  keepDuplicates: Type.Boolean({
    default: false,
    description: "Keep documents and commits that repeat earlier ones, of any side, in full.",
  }),
  nearDuplicateWeight: Type.Integer({
    default: 25,
    minimum: 0,
    maximum: 100,
    description: "Percent of its loss weight that a train document keeps if it is nearly a copy.",
  }),
  maxCommitTokens: Type.Integer({
    default: 262_144,
    minimum: 0,
    maximum: 2 ** 40,
    description:
      "Tokens of one commit at most; of a larger one, some documents stay. 0: any number.",
  }),
});

export type BuildOptions = Static<typeof BuildOptionsSchema>;
