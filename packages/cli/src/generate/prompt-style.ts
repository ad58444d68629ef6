import { SafetensorsFile } from "@repotune/schema";
import { isRenderingName, isReserved, type PromptStyle, spellingFor } from "@repotune/tokenizer";
import { openHeader } from "./inspect-model.ts";

/** `LLAMA_TOKEN_TYPE_NORMAL`. */
const NORMAL = 1;

/**
 * How the documents looked that a model was trained on.
 *
 * @param model a GGUF file.
 * @param tokens the `tokens.safetensors` it learned from.
 * @throws {StageError} what opening the files can throw.
 */
export async function promptStyle(model: string, tokens: string): Promise<PromptStyle> {
  const { metadata } = await openHeader(model);
  const types = metadata.numbers("tokenizer.ggml.token_type", []);
  const special = metadata
    .strings("tokenizer.ggml.tokens")
    .filter((token, id) => isReserved(token, types[id] ?? NORMAL));
  const stream = await SafetensorsFile.open(tokens);
  await stream.close();
  const { rendering }: { rendering?: unknown } = JSON.parse(stream.metadata.options ?? "{}");
  return {
    spelling: spellingFor(new Set(special)),
    ...(isRenderingName(rendering) && { rendering }),
  };
}
