import { GgufFile, type GgufMetadata, type GgufTensorInfo } from "@repotune/ggml";
import { StageError } from "@repotune/schema";

/** What is known of a model from its header alone. */
export interface ModelHeader {
  path: string;
  architecture: string;
  /** Tokens of context that the model was trained for. */
  contextLength: number;
  metadata: GgufMetadata;
  tensors: ReadonlyMap<string, GgufTensorInfo>;
}

/** Architectures of llama.cpp that give vectors, sounds or images instead of text. */
const NOT_GENERATIVE = /bert|embed|encoder|clip|wavtokenizer|tts/;

/**
 * Reads a model's header, to say in good time and plainly what is wrong with a file.
 *
 * @throws {StageError} what {@link GgufFile.open} throws; `E_INPUT` for an adapter or a file without
 *   weights; `E_UNSUPPORTED` for an architecture that does not generate text.
 */
export async function inspectModel(path: string): Promise<ModelHeader> {
  const { metadata, tensors } = await openHeader(path);
  const kind = metadata.string("general.type", "model");
  if (kind !== "model" || tensors.size === 0) {
    throw new StageError(
      "E_INPUT",
      `${path} is no model: it ${kind === "model" ? "has no weights" : `is of the type "${kind}"`}.`,
      { hint: kind === "adapter" ? "Give the adapter's base as the model." : undefined },
    );
  }
  const architecture = metadata.string("general.architecture");
  if (NOT_GENERATIVE.test(architecture)) throw unsupportedArchitecture(path, architecture);
  const contextLength = metadata.count(`${architecture}.context_length`);
  return { path, architecture, contextLength, metadata, tensors };
}

/** The error for a model that no text can be generated with. */
export const unsupportedArchitecture = (path: string, architecture: string, cause?: unknown) =>
  new StageError(
    "E_UNSUPPORTED",
    `${path} has the architecture "${architecture}", with which no text can be generated here.`,
    { hint: "Use a model of a family such as Llama, Qwen or Mistral.", cause },
  );

/** The header of a GGUF file, which is closed again. */
export async function openHeader(path: string): Promise<GgufFile> {
  const file = await GgufFile.open(path);
  await file.close();
  return file;
}
