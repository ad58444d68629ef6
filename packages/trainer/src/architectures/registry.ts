import { StageError } from "@repotune/schema";
import type { Architecture } from "./architecture.ts";
import { gemma } from "./gemma.ts";
import { gemma3 } from "./gemma3.ts";
import { llama } from "./llama.ts";
import { mistral3 } from "./mistral3.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { starcoder2 } from "./starcoder2.ts";

const architectures: readonly Architecture[] = [
  llama,
  mistral3,
  qwen2,
  qwen3,
  gemma,
  gemma3,
  starcoder2,
];

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
