import { messageOf, StageError } from "@repotune/schema";

/** A vocabulary as llama.cpp has it. */
export interface LlamaVocabulary {
  /** Ids of a text, by llama.cpp's own encoder; control tokens are not looked for. */
  encode(text: string): number[];
  /** The same, without the space that some SentencePiece vocabularies put before every text. */
  encodeWithoutPrefix(text: string): number[];
  /** Put before every text, where the model was trained so. */
  startId: number | null;
  /** Closes a text. */
  endId: number | null;
  dispose(): Promise<void>;
}

/**
 * Loads the vocabulary of a GGUF file into llama.cpp, and leaves the weights on disk.
 *
 * @throws {StageError} `E_UNSUPPORTED` if node-llama-cpp is not installed, `E_INPUT` if llama.cpp
 *   refuses the file.
 */
export async function openLlamaVocabulary(path: string): Promise<LlamaVocabulary> {
  const llamaCpp = await import("node-llama-cpp").catch((cause: unknown) => {
    throw new StageError("E_UNSUPPORTED", "A base model's vocabulary needs node-llama-cpp.", {
      hint: "Install it beside this package: npm install node-llama-cpp@3.22.1",
      cause,
    });
  });
  const llama = await llamaCpp.getLlama({
    gpu: false,
    build: "never",
    progressLogs: false,
    logLevel: llamaCpp.LlamaLogLevel.disabled,
  });
  const model = await llama
    .loadModel({ modelPath: path, vocabOnly: true })
    .catch(async (cause: unknown) => {
      await llama.dispose();
      throw new StageError("E_INPUT", `llama.cpp cannot read ${path}: ${messageOf(cause)}`, {
        hint: "The file may be incomplete, or of a kind llama.cpp does not know: fetch it again.",
        cause,
      });
    });
  const { bos, eos, eot, shouldPrependBosToken } = model.tokens;
  return {
    encode: (text) => model.tokenize(text, false),
    encodeWithoutPrefix: (text) => model.tokenize(text, false, "trimLeadingSpace"),
    startId: shouldPrependBosToken ? bos : null,
    endId: eos ?? eot,
    dispose: () => llama.dispose(),
  };
}
