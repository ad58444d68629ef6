/**
 * Cuts a long text for an encoder that cannot take it whole: behind a line end that no space follows,
 * where words end by every rule, or else behind any line end, or else anywhere between two characters.
 *
 * @param maxCharacters most UTF-16 units of a part.
 */
export function* textParts(text: string, maxCharacters: number): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const limit = Math.min(start + maxCharacters, text.length);
    const end = limit === text.length ? limit : cutBefore(text, start, limit);
    yield text.slice(start, end);
    start = end;
  }
}

function cutBefore(text: string, start: number, limit: number): number {
  let anyLineEnd = 0;
  for (let at = limit; at > start; at--) {
    if (text[at - 1] !== "\n") continue;
    if (!/\s/.test(text[at] ?? "")) return at;
    anyLineEnd ||= at;
  }
  if (anyLineEnd > 0) return anyLineEnd;
  const isHalfCharacter = (text.codePointAt(limit - 1) ?? 0) > 0xffff;
  return isHalfCharacter ? limit - 1 : limit;
}
