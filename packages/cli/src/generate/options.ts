import { type Static, Type } from "typebox";

/** Options of `repotune generate`. */
export const GenerateOptionsSchema = Type.Object({
  model: Type.String({ description: "Model, a GGUF file." }),
  adapter: Type.Optional(Type.String({ description: "LoRA adapter for the model, a GGUF file." })),
  prompt: Type.String({
    description:
      "Text to go on from; special tokens such as <FILE_START> in it are read as such. If empty, a document is begun. - reads it from stdin.",
  }),
  maxTokens: Type.Integer({
    default: 256,
    minimum: 1,
    description: "Tokens to generate at most.",
  }),
  temperature: Type.Number({
    default: 0.8,
    minimum: 0,
    description: "0 always takes the likeliest token; higher is more varied.",
  }),
  topK: Type.Integer({
    default: 40,
    minimum: 0,
    description: "Consider only the likeliest tokens, this many; 0 for all.",
  }),
  topP: Type.Number({
    default: 0.95,
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Consider only the likeliest tokens that have this probability together.",
  }),
  seed: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 2 ** 32 - 1,
    description: "The same seed gives the same text on the same machine.",
  }),
  context: Type.Optional(
    Type.Integer({
      minimum: 2,
      description:
        "Tokens of prompt and text together. Default: what they need, up to the model's own limit.",
    }),
  ),
  threads: Type.Optional(
    Type.Integer({ minimum: 1, description: "Default: the cores that are there." }),
  ),
  gpu: Type.Enum(["auto", "cpu", "cuda", "vulkan", "metal"], {
    default: "auto",
    description: "What computes.",
  }),
});

/** Options with their defaults filled in. */
export type GenerateSettings = Static<typeof GenerateOptionsSchema>;

/** What to generate, and with what; anything but `model` and `prompt` has a default. */
export type GenerateOptions = Pick<GenerateSettings, "model" | "prompt"> & {
  [Option in Exclude<keyof GenerateSettings, "model" | "prompt">]?:
    | GenerateSettings[Option]
    | undefined;
};
