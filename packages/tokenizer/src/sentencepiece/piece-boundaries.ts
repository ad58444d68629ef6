/** Pairs of characters below this are looked up in a table, others in a set. */
const TABLE_SIDE = 256;

/**
 * Finds the places in a text that no piece of a vocabulary can reach across: between two characters
 * that stand beside each other in none of its pieces. Merging begins and ends there, so that a text
 * cut at all of them has the same ids, and its parts can be remembered like words.
 *
 * @param pieces strings that merging can give.
 * @returns a function that cuts a text into parts, which joined are the text.
 */
export function pieceSplitter(pieces: Iterable<string>): (text: string) => string[] {
  const table = new Uint8Array(TABLE_SIDE * TABLE_SIDE);
  const others = new Set<number>();
  for (const piece of pieces) {
    for (let at = 1; at < piece.length; at++) {
      const left = piece.charCodeAt(at - 1);
      const right = piece.charCodeAt(at);
      if (left < TABLE_SIDE && right < TABLE_SIDE) table[left * TABLE_SIDE + right] = 1;
      else others.add(left * 2 ** 16 + right);
    }
  }
  const isJoined = (left: number, right: number): boolean =>
    left < TABLE_SIDE && right < TABLE_SIDE
      ? table[left * TABLE_SIDE + right] === 1
      : isLowSurrogate(right) || others.has(left * 2 ** 16 + right);

  return (text) => {
    const parts: string[] = [];
    let start = 0;
    for (let at = 1; at < text.length; at++) {
      if (isJoined(text.charCodeAt(at - 1), text.charCodeAt(at))) continue;
      parts.push(text.slice(start, at));
      start = at;
    }
    if (start < text.length) parts.push(text.slice(start));
    return parts;
  };
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
