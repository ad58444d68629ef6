import type { VocabStats } from "@repotune/schema";
import { IdentifierCounter, outlinesOf } from "./identifier-counter.ts";

/** What a document adds to the statistics. */
export interface CountedDocument {
  /** Whether the vocabulary may know it: on the train side of the split. */
  isTrain: boolean;
  /** Language of its code; undefined for a document without any. */
  language: string | undefined;
  /** All of its ids, and those of its code. */
  ids: readonly number[];
  codeIds: readonly number[];
}

type Side = "train" | "held_out";

/** Tokens that are listed, at either end. */
const LISTED_TOKENS = 20;

/**
 * Counts how a vocabulary is used: bytes per token by language, tokens per identifier, the most and
 * the least used tokens. A few numbers for each token of the vocabulary and each language.
 */
export class VocabularyStatistics {
  readonly #tokenBytes: readonly Uint8Array[];
  readonly #uses: Float64Array;
  readonly #languages = new Map<string, Record<Side, { tokens: number; bytes: number }>>();
  readonly #identifiers: Record<Side, IdentifierCounter>;

  constructor(tokenBytes: readonly Uint8Array[]) {
    this.#tokenBytes = tokenBytes;
    this.#uses = new Float64Array(tokenBytes.length);
    const outlines = outlinesOf(tokenBytes);
    this.#identifiers = {
      train: new IdentifierCounter(outlines),
      held_out: new IdentifierCounter(outlines),
    };
  }

  add({ isTrain, language, ids, codeIds }: CountedDocument): void {
    for (const id of ids) this.#uses[id] = (this.#uses[id] ?? 0) + 1;
    if (language === undefined) return;
    const side = isTrain ? "train" : "held_out";
    let sides = this.#languages.get(language);
    if (!sides) {
      sides = { train: { tokens: 0, bytes: 0 }, held_out: { tokens: 0, bytes: 0 } };
      this.#languages.set(language, sides);
    }
    const code = sides[side];
    const identifiers = this.#identifiers[side];
    for (const id of codeIds) {
      code.tokens += 1;
      code.bytes += this.#tokenBytes[id]?.length ?? 0;
      identifiers.add(id);
    }
    identifiers.end();
  }

  get result(): Pick<
    VocabStats,
    "by_language" | "identifiers" | "most_used" | "least_used" | "unused_tokens"
  > {
    const ofText = [...this.#tokenBytes.keys()].filter((id) => this.#tokenBytes[id]?.length);
    const uses = (id: number) => this.#uses[id] ?? 0;
    const used = ofText.filter((id) => uses(id) > 0).sort((a, b) => uses(b) - uses(a) || a - b);
    const listed = (id: number) => ({
      id,
      text: Buffer.from(this.#tokenBytes[id] ?? []).toString(),
      count: uses(id),
    });
    const { train, held_out } = this.#identifiers;
    return {
      by_language: Object.fromEntries(
        [...this.#languages]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([language, sides]) => [
            language,
            { train: withRatio(sides.train), held_out: withRatio(sides.held_out) },
          ]),
      ),
      identifiers: { train: fertility(train), held_out: fertility(held_out) },
      most_used: used.slice(0, LISTED_TOKENS).map(listed),
      least_used: used.slice(-LISTED_TOKENS).reverse().map(listed),
      unused_tokens: ofText.length - used.length,
    };
  }
}

const withRatio = ({ tokens, bytes }: { tokens: number; bytes: number }) => ({
  tokens,
  bytes,
  bytes_per_token: ratio(bytes, tokens),
});

const fertility = ({ count, tokens }: IdentifierCounter) => ({
  count,
  tokens,
  tokens_per_identifier: ratio(tokens, count),
});

const ratio = (a: number, b: number): number =>
  b === 0 ? 0 : Math.round((a / b) * 10_000) / 10_000;
