import { StageError } from "@repotune/schema";
import type { Architecture } from "./architecture.ts";
import { llama } from "./llama.ts";

const architectures: readonly Architecture[] = [llama];

/**
 * The architecture called `name` in GGUF.
 *
 * @param path the model's file, for messages.
 * @throws {StageError} `E_UNSUPPORTED` for one that cannot be trained, naming those that can.
 */
export function architectureOf(name: string, path: string): Architecture {
  const found = architectures.find((architecture) => architecture.name === name);
  if (found) return found;
  const known = architectures.map((architecture) => architecture.name).join(", ");
  throw new StageError("E_UNSUPPORTED", `${path} is of architecture "${name}".`, {
    hint: `Models of these can be trained: ${known}.`,
  });
}
