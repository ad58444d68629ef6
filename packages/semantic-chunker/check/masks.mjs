const MASK = /<SECRET:[\w.-]+>/;

/**
 * Whether a line of a chunk is the line `real`: the same, or the same with secrets masked. A mask
 * stands for any text that is not empty; what is around it must be equal.
 */
export function isLine(line, real) {
  if (line === real) return true;
  const pieces = line.split(MASK);
  if (pieces.length === 1) return false;
  const last = pieces.pop();
  const [first, ...middle] = pieces;
  if (!real.startsWith(first)) return false;
  let at = first.length;
  for (const piece of middle) {
    at = real.indexOf(piece, at + 1);
    if (at < 0) return false;
    at += piece.length;
  }
  return real.endsWith(last) && real.length - last.length > at;
}
