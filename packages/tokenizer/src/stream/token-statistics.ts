import type { HistorySplit, SplitSide } from "@repotune/schema";
import type { EncodedDocument } from "./encode-document.ts";
import type { RenderedDocument } from "./render-history.ts";

/** What one side of the split holds. */
export interface SideStatistics {
  documents: number;
  tokens: number;
  /** Tokens with a loss weight above zero. */
  loss_tokens: number;
  /** Bytes of text that the tokens stand for. */
  bytes: number;
  /** Bytes for each token that stands for text; 0 if there is none. */
  bytes_per_token: number;
}

/** How well a vocabulary fits a history. */
export interface TokenStatistics {
  documents: number;
  tokens: number;
  /** Longest document, in tokens. */
  longest_document: number;
  /** Documents whose new code, list of files or header was cut. */
  truncated_documents: number;
  /** Share of tokens within text that stand for no text: characters the vocabulary lacks. */
  unknown_share: number;
  by_side: Record<SplitSide, SideStatistics>;
}

const emptySide = (): SideStatistics & { textTokens: number } => ({
  documents: 0,
  tokens: 0,
  loss_tokens: 0,
  bytes: 0,
  bytes_per_token: 0,
  textTokens: 0,
});

/** Counts documents as they go by. */
export class StatisticsCounter {
  readonly #split: Pick<HistorySplit, "sideOf">;
  readonly #tokenBytes: readonly Uint8Array[];
  readonly #sides = {
    train: emptySide(),
    validation: emptySide(),
    test: emptySide(),
    none: emptySide(),
  };
  #longest = 0;
  #truncated = 0;
  #unknown = 0;
  #text = 0;

  constructor(split: Pick<HistorySplit, "sideOf">, tokenBytes: readonly Uint8Array[]) {
    this.#split = split;
    this.#tokenBytes = tokenBytes;
  }

  add({ commitNumber }: RenderedDocument, document: EncodedDocument): void {
    const { ids, weights, isTruncated } = document;
    const side = this.#sides[this.#split.sideOf[commitNumber] ?? "none"];
    side.documents += 1;
    side.tokens += ids.length;
    for (let i = 0; i < ids.length; i++) {
      const bytes = this.#tokenBytes[ids[i] ?? 0]?.length ?? 0;
      side.bytes += bytes;
      if (bytes > 0) side.textTokens += 1;
      if ((weights[i] ?? 0) > 0) side.loss_tokens += 1;
    }
    this.#longest = Math.max(this.#longest, ids.length);
    if (isTruncated) this.#truncated += 1;
    this.#unknown += document.unknownTokens;
    this.#text += document.textTokens;
  }

  get result(): TokenStatistics {
    const side = ({ textTokens, ...counts }: ReturnType<typeof emptySide>): SideStatistics => ({
      ...counts,
      bytes_per_token: textTokens === 0 ? 0 : round(counts.bytes / textTokens),
    });
    const { train, validation, test } = this.#sides;
    const all = Object.values(this.#sides);
    return {
      documents: all.reduce((sum, { documents }) => sum + documents, 0),
      tokens: all.reduce((sum, { tokens }) => sum + tokens, 0),
      longest_document: this.#longest,
      truncated_documents: this.#truncated,
      unknown_share: this.#text === 0 ? 0 : this.#unknown / this.#text,
      by_side: { train: side(train), validation: side(validation), test: side(test) },
    };
  }
}

const round = (value: number) => Math.round(value * 10_000) / 10_000;
