import { StageError, vocabularyHash } from "@repotune/schema";
import { ggufEncoder, isReservedId } from "./gguf-encoder.ts";
import { type GgufVocabularyHeader, readGgufHeader } from "./gguf-header.ts";
import { withoutNames } from "./literal-tokens.ts";
import { type LlamaVocabulary, openLlamaVocabulary } from "./llama-cpp.ts";
import { checkHash, type LoadOptions } from "./load-options.ts";
import { TOKEN_TYPE } from "./reserved-tokens.ts";
import { differenceOnSample, SAMPLE } from "./sample.ts";
import { structureEncoder } from "./structure-encoder.ts";
import { textParts } from "./text-parts.ts";
import { bytesOfTokens, type TokenAlphabet } from "./token-bytes.ts";
import type { TokenEncoder } from "./token-encoder.ts";

/** Values of `tokenizer.ggml.model` and how such vocabularies spell bytes. */
const alphabets: Record<string, TokenAlphabet> = {
  gpt2: { kind: "byte-level" },
  llama: { kind: "sentencepiece" },
  t5: { kind: "sentencepiece" },
};

/**
 * Characters given to llama.cpp at once. Most of its rules are followed by C++'s regular expressions,
 * which need stack for each character of a word, and end the process at some 30,000.
 */
const MAX_LLAMA_CHARACTERS = 4_000;

/**
 * The vocabulary inside a GGUF file: byte-level BPE (`gpt2`), SentencePiece that merges (`llama`) or
 * chooses the likeliest pieces (`t5`).
 *
 * Encoded by this package, if on a sample it gives the ids that llama.cpp gives; what it has no rules
 * for, or none that agree, by llama.cpp itself, an order of magnitude slower. Needs `node-llama-cpp`
 * either way.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` for a file that is no GGUF or that llama.cpp refuses,
 *   `E_TRUNCATED`, `E_MISMATCH`, `E_UNSUPPORTED` if node-llama-cpp is not installed or the vocabulary is of none of
 *   these kinds.
 */
export async function loadGgufVocabulary(
  path: string,
  options: LoadOptions = {},
): Promise<TokenEncoder> {
  const header = await readGgufHeader(path);
  const { tokens } = header;
  const alphabet = alphabets[header.model ?? ""];
  if (alphabet === undefined || tokens.length === 0) throw unusable(path, header);
  refuseRepeated(tokens, path);
  const hash = vocabularyHash(tokens);
  checkHash(path, hash, options);
  const llama = await openLlamaVocabulary(path);
  const { encode, isOwn } = chooseEncoder(header, llama, path, options.onNotice);
  if (isOwn) await llama.dispose();

  const isWithoutText = (id: number) => isReservedId(header, id);
  const specialIds = new Map(
    tokens.flatMap((token, id): [string, number][] => (isWithoutText(id) ? [[token, id]] : [])),
  );
  const { documentEndId, ...structure } = structureEncoder({
    specialIds,
    documentStartId: llama.startId,
    documentEndId: llama.endId,
    namedFim: header.fim,
    encode,
  });
  return {
    source: path,
    vocabulary: {
      kind: "gguf",
      vocabulary_hash: hash,
      vocab_size: tokens.length,
      document_end_id: documentEndId,
    },
    tokens,
    tokenBytes: bytesOfTokens(tokens, alphabet, isWithoutText),
    encode,
    ...structure,
    ...(!isOwn && { dispose: () => llama.dispose() }),
  };
}

/** This package's encoder, if it gives llama.cpp's ids on the sample, or else llama.cpp's. */
function chooseEncoder(
  header: GgufVocabularyHeader,
  llama: LlamaVocabulary,
  path: string,
  onNotice: LoadOptions["onNotice"],
): { encode: TokenEncoder["encode"]; isOwn: boolean } {
  const own = ggufEncoder(header);
  // A space that SentencePiece puts before every text would stand between mark and content.
  const isPrefixed = header.model === "llama" && header.addsSpacePrefix !== false;
  const difference = own
    ? differenceOnSample(own(isPrefixed ? ` ${SAMPLE}` : SAMPLE), llama.encode(SAMPLE))
    : `its rule "${header.preTokenizer ?? header.model}" is known to llama.cpp alone`;
  if (own && difference === undefined) return { encode: own, isOwn: true };
  onNotice?.(`The vocabulary of ${path} is encoded by llama.cpp, slowly: ${difference}.`);
  const whole = withoutNames(
    header.model === "gpt2" ? llama.encode : llama.encodeWithoutPrefix,
    namesFound(header),
  );
  const encode = (text: string): number[] => {
    const ids: number[] = [];
    for (const part of textParts(text, MAX_LLAMA_CHARACTERS)) {
      for (const id of whole(part)) ids.push(id);
    }
    return ids;
  };
  return { encode, isOwn: false };
}

/**
 * Names of structure that llama.cpp would find in a text: those that were added, because the file does
 * not say that they are control, and those that SentencePiece's merges can give.
 */
const namesFound = (header: GgufVocabularyHeader): string[] =>
  header.tokens
    .filter((_, id) => {
      const isLookedFor = header.tokenTypes[id] !== TOKEN_TYPE.control;
      return isReservedId(header, id) && (isLookedFor || header.model !== "gpt2");
    })
    .map((token) => token.replaceAll("\u2581", " "));

/** llama.cpp ends the whole process for a token that is there twice; it reads each up to a NUL. */
function refuseRepeated(tokens: readonly string[], path: string): void {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    const read = token.split("\0", 1)[0] ?? "";
    const other = read === "" ? undefined : ids.get(read);
    if (other !== undefined) {
      throw new StageError(
        "E_INPUT",
        `${path}: tokens ${other} and ${id} are both ${JSON.stringify(read)}.`,
        { hint: "The file is damaged: fetch it again." },
      );
    }
    ids.set(read, id);
  }
}

function unusable(path: string, { model, tokens }: GgufVocabularyHeader): StageError {
  if (model === undefined || tokens.length === 0) {
    return new StageError("E_UNSUPPORTED", `${path} holds no vocabulary.`, {
      hint: "Adapters and parts of models have none: give the model's first or only file.",
    });
  }
  return new StageError("E_UNSUPPORTED", `The vocabulary of ${path} is of the kind "${model}".`, {
    hint: `Use a model whose vocabulary is one of ${Object.keys(alphabets).join(", ")}.`,
  });
}
