/** A line of a text, without what is not content. */
export interface TextLine {
  /** Where its content begins: behind the sign of a line of a patch. */
  start: number;
  /** Where its line feed is, or the end of the text. */
  end: number;
}

/**
 * The line that `at` is in.
 *
 * @param isPatch whether lines begin with a sign; a hunk's header then has no content.
 */
export function lineAt(text: string, at: number, isPatch: boolean): TextLine {
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  const feed = text.indexOf("\n", at);
  const end = feed < 0 ? text.length : feed;
  if (!isPatch) return { start, end };
  const sign = text[start];
  const isContent = sign === " " || sign === "+" || sign === "-";
  return { start: isContent ? start + 1 : end, end };
}

/** The line before; undefined for the first one. */
export function lineBefore(text: string, line: TextLine, isPatch: boolean): TextLine | undefined {
  const feed = line.start === 0 ? -1 : text.lastIndexOf("\n", line.start - 1);
  return feed < 0 ? undefined : lineAt(text, feed, isPatch);
}

/** The line after; undefined for the last one. */
export function lineAfter(text: string, line: TextLine, isPatch: boolean): TextLine | undefined {
  return line.end >= text.length ? undefined : lineAt(text, line.end + 1, isPatch);
}
