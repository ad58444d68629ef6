import { readFile } from "node:fs/promises";
import type { GgufValue } from "@repotune/ggml";
import { inputError, messageOf, preTokenizerOf, StageError } from "@repotune/schema";

/** Kinds of tokens that llama.cpp tells apart (`enum llama_token_type` of llama.h). */
const TOKEN_TYPES = {
  normal: 1,
  /** Read from a text only where special tokens are asked for; left out of it likewise. */
  control: 3,
  /** Read from every text. */
  userDefined: 4,
} as const;

/** The tokens around a document in vocabularies trained on a repository. */
const DOCUMENT_START = "<COMMIT_START>";
const DOCUMENT_END = "<COMMIT_END>";
const PADDING = "<PAD>";

/** The parts of a `tokenizer.json` that matter here. */
interface TokenizerJson {
  added_tokens?: { id: number; content: string; special?: boolean }[];
  normalizer?: { type?: string } | null;
  pre_tokenizer?: unknown;
  model?: {
    type?: string;
    vocab?: Record<string, number>;
    merges?: (string | [left: string, right: string])[];
    ignore_merges?: boolean;
  };
}

/** Choices that a `tokenizer.json` does not record. */
export interface VocabularyMetadataOptions {
  /**
   * Id of the token that ends a document, at which generation stops.
   *
   * @default the id of `<COMMIT_END>`
   */
  documentEndId?: number | null | undefined;
}

/**
 * The vocabulary of a byte-level BPE `tokenizer.json` as GGUF metadata (`tokenizer.ggml.*`), so that
 * llama.cpp splits every text into the ids that the tokenizer gives.
 *
 * Special tokens become control tokens: llama.cpp finds them in a text only when it is asked to, so
 * a source file that happens to contain `<FILE_START>` is not taken for structure.
 *
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` if it is no `tokenizer.json` or its ids have gaps,
 *   `E_UNSUPPORTED` if llama.cpp would split texts in another way, or no token ends a document.
 */
export async function readVocabularyMetadata(
  tokenizerJsonPath: string,
  { documentEndId }: VocabularyMetadataOptions = {},
): Promise<[key: string, value: GgufValue][]> {
  const json = await readTokenizerJson(tokenizerJsonPath);
  const preTokenizer = checkedPreTokenizer(tokenizerJsonPath, json);
  const tokens = tokensById(tokenizerJsonPath, json);
  const types = new Int32Array(tokens.length).fill(TOKEN_TYPES.normal);
  for (const { id, special } of json.added_tokens ?? []) {
    types[id] = special === false ? TOKEN_TYPES.userDefined : TOKEN_TYPES.control;
  }
  const idOf = (token: string) => {
    const id = tokens.indexOf(token);
    return id < 0 ? undefined : id;
  };
  const end = documentEndId ?? idOf(DOCUMENT_END);
  if (end === undefined) {
    throw new StageError(
      "E_UNSUPPORTED",
      `${tokenizerJsonPath} has no token that ends a document, such as ${DOCUMENT_END}.`,
      { hint: "Train a vocabulary on the repository, or fine-tune a base model instead." },
    );
  }
  // llama.cpp assumes ids of GPT-2 for whatever is not given.
  const u32 = (value: number): GgufValue => ({ type: "u32", value });
  const no: GgufValue = { type: "bool", value: false };
  return [
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: preTokenizer }],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "i32", value: types }],
    [
      "tokenizer.ggml.merges",
      { type: "array", elementType: "string", value: mergesOf(tokenizerJsonPath, json) },
    ],
    ["tokenizer.ggml.bos_token_id", u32(idOf(DOCUMENT_START) ?? end)],
    ["tokenizer.ggml.eos_token_id", u32(end)],
    ["tokenizer.ggml.padding_token_id", u32(idOf(PADDING) ?? end)],
    ["tokenizer.ggml.add_bos_token", no],
    ["tokenizer.ggml.add_eos_token", no],
    ["tokenizer.ggml.add_space_prefix", no],
  ];
}

async function readTokenizerJson(path: string): Promise<TokenizerJson> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null) return json;
    throw new TypeError("it is no object.");
  } catch (cause) {
    throw new StageError("E_INPUT", `${path} is not a tokenizer.json: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The name llama.cpp has for the tokenizer's rule, if all of the tokenizer is as llama.cpp does it. */
function checkedPreTokenizer(path: string, json: TokenizerJson): string {
  const preTokenizer = preTokenizerOf(json.pre_tokenizer);
  const problem = problemOf(json, preTokenizer?.name);
  if (preTokenizer && problem === undefined) return preTokenizer.name;
  throw new StageError(
    "E_UNSUPPORTED",
    `${path} cannot be the vocabulary of a GGUF model: ${problem}.`,
    { hint: "Train a vocabulary on the repository, or fine-tune a base model instead." },
  );
}

function problemOf({ model, normalizer }: TokenizerJson, preTokenizer: string | undefined) {
  if (model?.type !== "BPE") return `its type is ${JSON.stringify(model?.type)}, not "BPE"`;
  if (preTokenizer === undefined) return "its pre_tokenizer is none that llama.cpp knows by name";
  // llama.cpp never normalises, and models whose tokenizer asks for NFC are used so all the same:
  // hardly any text differs from its NFC.
  if (normalizer && normalizer.type !== "NFC") {
    return `it has the normalizer ${JSON.stringify(normalizer.type)}`;
  }
  // llama.cpp ties this choice to the name of the rule.
  if ((model.ignore_merges === true) !== (preTokenizer === "llama-bpe")) {
    return `ignore_merges is ${model.ignore_merges === true}, which is not so for ${preTokenizer} in llama.cpp`;
  }
  return undefined;
}

function tokensById(path: string, { model, added_tokens = [] }: TokenizerJson): string[] {
  const entries: [token: string, id: number][] = [
    ...Object.entries(model?.vocab ?? {}),
    ...added_tokens.map(({ content, id }): [string, number] => [content, id]),
  ];
  const tokens: string[] = [];
  for (const [token, id] of entries) {
    if (!Number.isInteger(id) || id < 0 || id >= entries.length) {
      throw new StageError("E_INPUT", `${path} has the impossible id ${id} for "${token}".`, {
        hint: `Its ${entries.length} tokens have ids from 0 to ${entries.length - 1}.`,
      });
    }
    tokens[id] = token;
  }
  for (let id = 0; id < Math.max(tokens.length, 1); id++) {
    if (tokens[id] !== undefined) continue;
    throw new StageError("E_INPUT", `${path} has no token with the id ${id}.`, {
      hint: "A GGUF file needs a token for every id from 0 on.",
    });
  }
  return tokens;
}

function mergesOf(path: string, { model }: TokenizerJson): string[] {
  return (model?.merges ?? []).map((merge, rank) => {
    const text = typeof merge === "string" ? merge : merge.join(" ");
    if (text.split(" ").length === 2) return text;
    throw new StageError("E_INPUT", `${path} has the merge ${JSON.stringify(merge)} (${rank}).`, {
      hint: "A merge joins two tokens, neither of which has a space in it.",
    });
  });
}
