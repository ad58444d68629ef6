import { Tokenizer } from "@huggingface/tokenizers";
import { bytesOfToken, messageOf, StageError } from "@repotune/schema";

/** Turns ids into the text they stand for; structure is spelled as the vocabulary spells it. */
export type TokenText = (ids: ArrayLike<number>) => string;

interface TokenizerJson {
  added_tokens?: { id: number; content: string }[];
  decoder?: { type?: string; decoders?: { type?: string }[] } | null;
  model?: { type?: string; vocab?: Record<string, number> | [string, number][] };
}

/**
 * Reads what ids stand for from the text of a `tokenizer.json`: byte-level BPE here, everything else
 * through `@huggingface/tokenizers`. Bytes that are no UTF-8, where a document was cut within a
 * character, become U+FFFD.
 *
 * @throws {StageError} `E_UNSUPPORTED` for a vocabulary that the library cannot read.
 */
export function tokenTextOf(json: string, path: string): TokenText {
  const tokenizer = JSON.parse(json) as TokenizerJson;
  if (isByteLevel(tokenizer)) return byteLevelText(tokenizer);
  try {
    const library = new Tokenizer(JSON.parse(json), {});
    return (ids) =>
      library.decode(Array.from(ids), {
        skip_special_tokens: false,
        clean_up_tokenization_spaces: false,
      });
  } catch (cause) {
    throw new StageError(
      "E_UNSUPPORTED",
      `${path} cannot be used to write text: ${messageOf(cause)}`,
      { hint: "Export ids instead: --format parquet, or npy.", cause },
    );
  }
}

const isByteLevel = ({ decoder, model }: TokenizerJson): boolean =>
  model !== undefined &&
  !Array.isArray(model.vocab) &&
  [decoder, ...(decoder?.decoders ?? [])].some((part) => part?.type === "ByteLevel");

function byteLevelText({ model, added_tokens = [] }: TokenizerJson): TokenText {
  const bytes: Buffer[] = [];
  for (const [token, id] of Object.entries(model?.vocab ?? {}) as [string, number][]) {
    bytes[id] = Buffer.from(bytesOfToken(token) ?? Buffer.from(token));
  }
  for (const { id, content } of added_tokens) bytes[id] = Buffer.from(content);
  return (ids) => Buffer.concat(Array.from(ids, (id) => bytes[id] ?? Buffer.alloc(0))).toString();
}
