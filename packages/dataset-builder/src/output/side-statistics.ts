import { CHANGE_TYPES, type DatasetSplit } from "@repotune/schema";
import type { CommitFacts } from "../input/history.ts";
import type { TokenDocument } from "../input/token-stream.ts";

/** First bin of the histogram of document lengths; each further one reaches twice as far. */
const FIRST_BIN = 16;

/** What is counted of a side's documents. */
type DocumentCounts = Pick<
  DatasetSplit,
  "documents" | "tokens" | "loss_tokens" | "bytes" | "change_types" | "document_length_histogram"
>;

/** Counts a side's documents as they are written. */
export class SideCounter {
  readonly #vocabularyBytes: Uint16Array;
  readonly #types = new Map<number, number>();
  readonly #bins: number[] = [];
  #documents = 0;
  #tokens = 0;
  #lossTokens = 0;
  #bytes = 0;

  constructor(vocabularyBytes: Uint16Array) {
    this.#vocabularyBytes = vocabularyBytes;
  }

  add({ ids, lossWeights, changeType }: TokenDocument): void {
    this.#documents += 1;
    this.#tokens += ids.length;
    for (const id of ids) this.#bytes += this.#vocabularyBytes[id] ?? 0;
    for (const weight of lossWeights) if (weight > 0) this.#lossTokens += 1;
    this.#types.set(changeType, (this.#types.get(changeType) ?? 0) + 1);
    const bin = Math.max(0, Math.ceil(Math.log2(Math.max(1, ids.length) / FIRST_BIN)));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  get result(): DocumentCounts {
    return {
      documents: this.#documents,
      tokens: this.#tokens,
      loss_tokens: this.#lossTokens,
      bytes: this.#bytes,
      change_types: Object.fromEntries(
        CHANGE_TYPES.flatMap((type, i) => {
          const count = this.#types.get(i);
          return count === undefined ? [] : [[type, count]];
        }),
      ),
      document_length_histogram: Array.from(this.#bins, (documents, bin) => ({
        up_to: FIRST_BIN * 2 ** bin,
        documents: documents ?? 0,
      })),
    };
  }
}

/**
 * What is said of the commits of a side, which has at least one.
 *
 * @param known authors of earlier sides; those of this side are added.
 */
export function commitStatistics(
  commits: readonly CommitFacts[],
  known: Set<string>,
): Pick<
  DatasetSplit,
  "commits" | "first_commit" | "last_commit" | "date_range" | "authors" | "new_authors"
> {
  const authors = new Set(commits.map(({ authorEmail }) => authorEmail));
  const newAuthors = [...authors].filter((author) => !known.has(author)).length;
  for (const author of authors) known.add(author);
  const dated = commits.filter(({ timestamp }) => timestamp !== null);
  const by = (isBetter: (a: CommitFacts, b: CommitFacts) => boolean) =>
    dated.reduce<CommitFacts | undefined>(
      (best, it) => (!best || isBetter(it, best) ? it : best),
      undefined,
    );
  return {
    commits: commits.length,
    first_commit: commits[0]?.hash ?? "",
    last_commit: commits.at(-1)?.hash ?? "",
    date_range: {
      first: by((a, b) => a.timestampUnix < b.timestampUnix)?.timestamp ?? null,
      last: by((a, b) => a.timestampUnix > b.timestampUnix)?.timestamp ?? null,
    },
    authors: authors.size,
    new_authors: newAuthors,
  };
}
