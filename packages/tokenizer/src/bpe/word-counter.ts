import { ownCopy } from "./word-cache.ts";

/** What counting words came to. */
export interface WordCountStatistics {
  /** Words that were counted, each as often as it occurs. */
  words: number;
  /** Distinct words that merges are learned from. */
  distinct_words: number;
  /** Occurrences whose word was forgotten since, because it was rare and there were too many. */
  forgotten_words: number;
  /** Occurrences of words too long to be language. */
  long_words: number;
}

/**
 * Counts the words that a vocabulary is learned from, in bounded memory: learning from 240,000
 * words by chance, which share little, took 400 MB in all.
 *
 * Once there are more than `maxWords` distinct words, the rarest are forgotten until half of them are
 * left: they would hardly take part in a merge. What is forgotten depends on the words and their
 * order alone, and a history of ordinary size loses none: 12 MB of source code have 35,000.
 */
export class WordCounter {
  readonly #counts = new Map<string, number>();
  readonly #maxWords: number;
  readonly #maxLength: number;
  #words = 0;
  #forgotten = 0;
  #long = 0;

  constructor({
    maxWords = 400_000,
    maxLength = 64,
  }: {
    /** Distinct words that are kept. @default 400,000 */
    maxWords?: number;
    /**
     * Longer words are data, not language: encoded images, hashes, minified code. In UTF-16 units.
     *
     * @default 64
     */
    maxLength?: number;
  } = {}) {
    this.#maxWords = maxWords;
    this.#maxLength = maxLength;
  }

  add(word: string): void {
    if (word.length > this.#maxLength) {
      this.#long += 1;
      return;
    }
    this.#words += 1;
    const count = this.#counts.get(word);
    if (count !== undefined) this.#counts.set(word, count + 1);
    else {
      this.#counts.set(ownCopy(word), 1);
      if (this.#counts.size > this.#maxWords) this.#forgetRarest();
    }
  }

  /** Occurrences by word. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get statistics(): WordCountStatistics {
    return {
      words: this.#words,
      distinct_words: this.#counts.size,
      forgotten_words: this.#forgotten,
      long_words: this.#long,
    };
  }

  #forgetRarest(): void {
    for (let rare = 1; this.#counts.size > this.#maxWords / 2; rare++) {
      for (const [word, count] of this.#counts) {
        if (count > rare) continue;
        this.#counts.delete(word);
        this.#forgotten += count;
      }
    }
  }
}
