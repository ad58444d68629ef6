import { messageOf, StageError, vocabularyHash } from "@repotune/schema";
import { readGgufHeader } from "./gguf-header.ts";
import { structureEncoder } from "./structure-encoder.ts";
import { bytesOfTokens, type TokenAlphabet } from "./token-bytes.ts";
import type { TokenEncoder } from "./token-encoder.ts";

/** Values of `tokenizer.ggml.model` and how such vocabularies spell bytes. */
const alphabets: Record<string, TokenAlphabet> = { gpt2: "byte-level", llama: "sentencepiece" };

/** `LLAMA_TOKEN_TYPE_NORMAL`. */
const NORMAL = 1;
/** Types of tokens that stand for no text, see `llama_token_type`: unknown, control and unused. */
const TYPES_WITHOUT_TEXT = new Set([2, 3, 5]);

/**
 * The vocabulary inside a GGUF file, encoded by llama.cpp itself.
 *
 * Needs `node-llama-cpp`, which loads the vocabulary alone and leaves the weights on disk.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` for a file that is no GGUF or that llama.cpp refuses,
 *   `E_TRUNCATED`, `E_UNSUPPORTED` if node-llama-cpp is not installed or the vocabulary is neither byte-level BPE
 *   nor SentencePiece.
 */
export async function loadGgufVocabulary(path: string): Promise<TokenEncoder> {
  const header = await readGgufHeader(path);
  const alphabet = alphabets[header.model ?? ""];
  if (alphabet === undefined || header.tokens.length === 0) {
    const name = header.model === undefined ? "missing" : `of the kind "${header.model}"`;
    throw new StageError("E_UNSUPPORTED", `The vocabulary of ${path} is ${name}.`, {
      hint: `Use a model whose vocabulary is one of ${Object.keys(alphabets).join(", ")}.`,
    });
  }
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
  // A space that SentencePiece puts before every text would stand between mark and content.
  const option = alphabet === "sentencepiece" ? "trimLeadingSpace" : undefined;
  const encode = (text: string): number[] => model.tokenize(text, false, option);

  const { tokens, tokenTypes } = header;
  const isWithoutText = (id: number) => TYPES_WITHOUT_TEXT.has(tokenTypes[id] ?? NORMAL);
  const specialIds = new Map(
    tokens.flatMap((token, id): [string, number][] => (isWithoutText(id) ? [[token, id]] : [])),
  );
  const { bos, eos, eot, shouldPrependBosToken } = model.tokens;
  const { documentEndId, ...structure } = structureEncoder({
    specialIds,
    documentStartId: shouldPrependBosToken ? bos : null,
    documentEndId: eos ?? eot,
    encode,
  });
  return {
    vocabulary: {
      kind: "gguf",
      vocabulary_hash: vocabularyHash(tokens),
      vocab_size: tokens.length,
      document_end_id: documentEndId,
    },
    tokenBytes: bytesOfTokens(tokens, alphabet, isWithoutText),
    encode,
    ...structure,
    dispose: () => llama.dispose(),
  };
}
