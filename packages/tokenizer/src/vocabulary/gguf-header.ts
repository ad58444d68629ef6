import { open } from "node:fs/promises";
import { fileSize, inputError, StageError } from "@repotune/schema";
import type { NamedFimTokens } from "./fim-tokens.ts";

/** Most that is read of a header; a vocabulary of 260,000 tokens with its merges takes about 12 MB. */
const MAX_HEADER_BYTES = 64 << 20;

/** Bytes of each value type of fixed size, by its number in the format. */
const WIDTHS: Record<number, number> = {
  0: 1, // u8
  1: 1, // i8
  2: 2, // u16
  3: 2, // i16
  4: 4, // u32
  5: 4, // i32
  6: 4, // f32
  7: 1, // bool
  10: 8, // u64
  11: 8, // i64
  12: 8, // f64
};
const U32 = 4;
const I32 = 5;
const F32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

const ID_KEY = /^tokenizer\.ggml\.[a-z_]+_token_id$/;

/** Keys of the tokens for filling in, as they are and as they once were. */
const fimKeys = new Map<string, keyof NamedFimTokens>([
  ["tokenizer.ggml.fim_pre_token_id", "prefix"],
  ["tokenizer.ggml.fim_suf_token_id", "suffix"],
  ["tokenizer.ggml.fim_mid_token_id", "middle"],
  ["tokenizer.ggml.prefix_token_id", "prefix"],
  ["tokenizer.ggml.suffix_token_id", "suffix"],
  ["tokenizer.ggml.middle_token_id", "middle"],
]);

/** What a GGUF file says of its vocabulary. */
export interface GgufVocabularyHeader {
  /** `tokenizer.ggml.model`. */
  model: string | undefined;
  /** `tokenizer.ggml.pre`. */
  preTokenizer: string | undefined;
  /** `tokenizer.ggml.add_space_prefix`. */
  addsSpacePrefix: boolean | undefined;
  /** `tokenizer.ggml.tokens`. */
  tokens: string[];
  /** `tokenizer.ggml.token_type`, as in `llama_token_type`; empty if it is not there. */
  tokenTypes: number[];
  /** `tokenizer.ggml.scores`; empty if it is not there. */
  scores: number[];
  /** `tokenizer.ggml.merges`: two token strings with a space between them. */
  merges: string[];
  /** Tokens for filling in that it names. */
  fim: NamedFimTokens;
  /** All tokens that it names for a purpose: `tokenizer.ggml.eos_token_id` and the like. */
  namedIds: Set<number>;
}

/**
 * Reads the vocabulary from a GGUF file's header, and checks on the way that the header is whole:
 * node-llama-cpp's reader takes zeros for what is missing, and may never come to an end.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` for a file that is no GGUF, `E_TRUNCATED`,
 *   `E_UNSUPPORTED` for another version of the format.
 */
export async function readGgufHeader(path: string): Promise<GgufVocabularyHeader> {
  const size = await fileSize(path);
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  const bytes = Buffer.alloc(Math.min(size, MAX_HEADER_BYTES));
  try {
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  if (bytes.toString("latin1", 0, 4) !== "GGUF") {
    throw new StageError("E_INPUT", `${path} is not a GGUF file.`, {
      hint: "Give a model in the GGUF format (--base), or a tokenizer.json (--tokenizer).",
    });
  }
  try {
    return parse(bytes, path);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    if (size > bytes.length) {
      throw new StageError("E_UNSUPPORTED", `${path} has a header of more than 64 MiB.`, { cause });
    }
    throw new StageError("E_TRUNCATED", `${path} ends within its header.`, {
      hint: "The file is incomplete: fetch it again.",
      cause,
    });
  }
}

/** @throws {RangeError} if the header reaches past the end. */
function parse(bytes: Buffer, path: string): GgufVocabularyHeader {
  let at = 4;
  const skip = (count: number): number => {
    const start = at;
    at += count;
    if (at > bytes.length) throw new RangeError(`Byte ${at} of ${bytes.length}.`);
    return start;
  };
  const u32 = () => bytes.readUInt32LE(skip(4));
  const u64 = () => Number(bytes.readBigUInt64LE(skip(8)));
  const text = (): string => {
    const length = u64();
    const start = skip(length);
    return bytes.toString("utf8", start, start + length);
  };
  const skipValues = (type: number, count: number): void => {
    const width = WIDTHS[type];
    if (width !== undefined) skip(width * count);
    else if (type === STRING) for (let i = 0; i < count; i++) skip(u64());
    else throw new StageError("E_INPUT", `${path} holds a value of unknown type ${type}.`);
  };

  const version = u32();
  if (version < 2 || version > 3) {
    throw new StageError("E_UNSUPPORTED", `${path} has version ${version} of the GGUF format.`, {
      hint: "Versions 2 and 3 in little-endian order can be read.",
    });
  }
  const tensors = u64();
  const entries = u64();
  const header: GgufVocabularyHeader = {
    model: undefined,
    preTokenizer: undefined,
    addsSpacePrefix: undefined,
    tokens: [],
    tokenTypes: [],
    scores: [],
    merges: [],
    fim: {},
    namedIds: new Set(),
  };
  for (let entry = 0; entry < entries; entry++) {
    const key = text();
    const type = u32();
    if (type !== ARRAY) {
      if (key === "tokenizer.ggml.model" && type === STRING) header.model = text();
      else if (key === "tokenizer.ggml.pre" && type === STRING) header.preTokenizer = text();
      else if (key === "tokenizer.ggml.add_space_prefix" && type === BOOL) {
        header.addsSpacePrefix = bytes[skip(1)] !== 0;
      } else if (ID_KEY.test(key) && (type === U32 || type === I32)) {
        const id = u32();
        const fim = fimKeys.get(key);
        if (fim !== undefined) header.fim[fim] = id;
        header.namedIds.add(id);
      } else skipValues(type, 1);
      continue;
    }
    const elementType = u32();
    const count = u64();
    if (key === "tokenizer.ggml.tokens" && elementType === STRING) {
      for (let i = 0; i < count; i++) header.tokens.push(text());
    } else if (key === "tokenizer.ggml.token_type" && elementType === I32) {
      for (let i = 0; i < count; i++) header.tokenTypes.push(bytes.readInt32LE(skip(4)));
    } else if (key === "tokenizer.ggml.scores" && elementType === F32) {
      for (let i = 0; i < count; i++) header.scores.push(bytes.readFloatLE(skip(4)));
    } else if (key === "tokenizer.ggml.merges" && elementType === STRING) {
      for (let i = 0; i < count; i++) header.merges.push(text());
    } else skipValues(elementType, count);
  }
  for (let tensor = 0; tensor < tensors; tensor++) {
    text();
    skip(8 * u32() + 4 + 8); // Dimensions, type, offset.
  }
  return header;
}
