import { readFile } from "node:fs/promises";
import {
  inputError,
  messageOf,
  StageError,
  type Vocabulary,
  vocabularyHash,
} from "@repotune/schema";

/** The parts of a `tokenizer.json` that give its tokens. */
interface TokenizerFile {
  added_tokens?: { id: number; content: string }[];
  model?: { vocab?: Record<string, number> | [token: string, score: number][] };
}

/**
 * Reads a `tokenizer.json` and checks that it is the vocabulary that the tokens belong to.
 *
 * @returns its text, to be copied as it is.
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT`, `E_MISMATCH`.
 */
export async function readTokenizerFile(path: string, { vocabulary_hash }: Vocabulary) {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  let tokens: string[];
  try {
    tokens = tokensOf(JSON.parse(text));
  } catch (cause) {
    throw new StageError("E_INPUT", `${path} is not a tokenizer.json: ${messageOf(cause)}`, {
      cause,
    });
  }
  if (vocabularyHash(tokens) !== vocabulary_hash) {
    throw new StageError(
      "E_MISMATCH",
      `${path} is not the vocabulary that the tokens beside it belong to.`,
      { hint: "Write both anew: repotune tokenize." },
    );
  }
  return text;
}

function tokensOf({ model, added_tokens = [] }: TokenizerFile): string[] {
  const vocab = model?.vocab ?? {};
  const tokens: string[] = [];
  const entries: [string, number][] = Array.isArray(vocab)
    ? vocab.map(([token], id) => [token, id])
    : Object.entries(vocab);
  for (const [token, id] of entries) tokens[id] = token;
  for (const { id, content } of added_tokens) tokens[id] = content;
  return tokens;
}
