/** Characters of a text that are a secret. */
export interface Span {
  start: number;
  end: number;
  /** Rule that found it. */
  id: string;
}

/**
 * Puts spans in order and joins those that overlap.
 *
 * @param spans the one that is to name a joined span stands before the others.
 */
export function joinSpans(spans: Span[]): Span[] {
  const ranked = spans.map((span, rank) => ({ ...span, rank }));
  ranked.sort((a, b) => a.start - b.start || a.rank - b.rank);
  const joined: typeof ranked = [];
  for (const span of ranked) {
    const last = joined.at(-1);
    if (!last || span.start >= last.end) {
      joined.push(span);
      continue;
    }
    if (span.rank < last.rank) {
      last.id = span.id;
      last.rank = span.rank;
    }
    last.end = Math.max(last.end, span.end);
  }
  return joined;
}
