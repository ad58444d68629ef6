/** A stretch of a document in a packed sequence. */
export interface Piece {
  /** Sequence the piece lies in, from 0. */
  sequence: number;
  /** First token, in the side's token stream. */
  start: number;
  /** Tokens; at least 2. */
  length: number;
}

/**
 * Sequences kept open for a piece that fits. More fill better, and mix documents that lie farther
 * apart in time; from here on the space left over hardly shrinks.
 */
const OPEN_SEQUENCES = 64;

/** A sequence that has room left. */
interface OpenSequence {
  pieces: Omit<Piece, "sequence">[];
  room: number;
}

/**
 * Packs whole documents into sequences of `sequenceLength` tokens.
 *
 * Each document goes where it leaves the least room, of the few sequences that are open; if it fits
 * in none, the oldest is closed and a new one opened. So sequences come out in about the order of the
 * documents.
 *
 * A longer document is cut into pieces that share one token, the last of one being the first of the
 * next, so that every token of a document but its first is predicted exactly once. A document of a
 * single token predicts nothing and is left out.
 *
 * @param offsets first token of each document, and at the end the number of tokens.
 */
export function* packDocuments(
  offsets: ArrayLike<number>,
  sequenceLength: number,
): Generator<Piece> {
  const open: OpenSequence[] = [];
  let sequence = 0;
  const close = function* (at: number): Generator<Piece> {
    const [closed] = open.splice(at, 1);
    for (const piece of closed?.pieces ?? []) yield { sequence, ...piece };
    sequence += 1;
  };
  for (const piece of piecesOf(offsets, sequenceLength)) {
    let best = -1;
    for (let i = 0; i < open.length; i++) {
      const { room } = open[i] as OpenSequence;
      if (room >= piece.length && (best < 0 || room < (open[best] as OpenSequence).room)) best = i;
    }
    if (best < 0) {
      if (open.length === OPEN_SEQUENCES) yield* close(0);
      best = open.push({ pieces: [], room: sequenceLength }) - 1;
    }
    const chosen = open[best] as OpenSequence;
    chosen.pieces.push(piece);
    chosen.room -= piece.length;
    if (chosen.room < 2) yield* close(best);
  }
  while (open.length > 0) yield* close(0);
}

function* piecesOf(
  offsets: ArrayLike<number>,
  sequenceLength: number,
): Generator<{ start: number; length: number }> {
  for (let document = 0; document + 1 < offsets.length; document++) {
    const end = offsets[document + 1] ?? 0;
    for (let start = offsets[document] ?? 0; start < end - 1; start += sequenceLength - 1) {
      yield { start, length: Math.min(sequenceLength, end - start) };
    }
  }
}
