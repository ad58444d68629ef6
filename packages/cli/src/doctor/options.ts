import { StageError } from "@repotune/schema";
import { type Static, Type } from "typebox";

/** Options of `repotune doctor`. */
export const DoctorOptionsSchema = Type.Object({
  base: Type.Optional(Type.String({ description: "GGUF model that is to be fine-tuned." })),
  dataset: Type.Optional(
    Type.String({ description: "Folder with the dataset.json that is to be trained on." }),
  ),
  device: Type.String({
    default: "auto",
    description: "Device to train on, e.g. cpu or CUDA0; auto prefers a GPU.",
  }),
  deviceMemory: Type.Optional(
    Type.String({
      description: "Plan for a GPU with this much memory, e.g. 8GB, which need not be here.",
    }),
  ),
  threads: Type.Integer({
    minimum: 0,
    default: 0,
    description: "Threads on a CPU; 0 for as many as a training would use.",
  }),
});

/** Options with their defaults filled in. */
export type DoctorOptions = Static<typeof DoctorOptionsSchema>;

const UNITS: Readonly<Record<string, number>> = { g: 2 ** 30, m: 2 ** 20 };

/**
 * Reads an amount of memory: `8GB`, `7.5 GiB`, `8192M`. As with memory and graphics cards, a GB is
 * 2³⁰ bytes.
 *
 * @throws {StageError} `E_USAGE`.
 */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([gm])(?:i?b)?$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ""] ?? Number.NaN);
  if (bytes > 0) return Math.round(bytes);
  throw new StageError("E_USAGE", `"${text}" is no amount of memory.`, {
    hint: "Write it as 8GB or 8192MB.",
  });
}
