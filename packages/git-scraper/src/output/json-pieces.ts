/** Text that is made at a time, in characters; an element of a table may be longer. */
const PIECE_LENGTH = 1 << 16;

/**
 * The properties of all `parts` as one JSON object, as `JSON.stringify` writes it, in pieces.
 *
 * They are read one after another: what is made only when it is read is gone before the next is.
 */
export function* jsonPieces(...parts: object[]): Generator<string> {
  let separator = "{";
  for (const part of parts) {
    for (const name of Object.keys(part)) {
      yield `${separator}${JSON.stringify(name)}:`;
      yield* valuePieces(part[name as keyof typeof part]);
      separator = ",";
    }
  }
  yield "}";
}

function* valuePieces(value: unknown): Generator<string> {
  if (!Array.isArray(value)) {
    yield JSON.stringify(value);
    return;
  }
  let text = "[";
  let separator = "";
  for (const element of value) {
    text += separator + JSON.stringify(element);
    separator = ",";
    if (text.length < PIECE_LENGTH) continue;
    yield text;
    text = "";
  }
  yield `${text}]`;
}
