/** A part of a text, its end excluded. */
export interface Span {
  start: number;
  end: number;
}

/** What stands before an `@`, found backwards from there. */
const localPart = /(?<=([\p{L}\p{N}\p{M}._%+-]+))@/uy;

/**
 * What stands after it: labels, the last one of letters, so that `HEAD@{1}`, `name@1.2.3` and
 * `@mention` are none.
 */
const domain =
  /(?:[\p{L}\p{N}\p{M}_-]+\.)+(?:\p{L}[\p{L}\p{M}]+|xn--[\w-]+)(?![\p{L}\p{N}\p{M}])/uy;

/**
 * The e-mail addresses in a text, in order, none over another. Addresses without a dot after the
 * `@`, or with characters that need quoting, are not among them.
 */
export function mailAddresses(text: string): Span[] {
  const spans: Span[] = [];
  let free = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(at + 1, free))) {
    localPart.lastIndex = at;
    const local = localPart.exec(text)?.[1]?.replace(/^[._%+-]+/, "") ?? "";
    const start = Math.max(at - local.length, free);
    domain.lastIndex = at + 1;
    if (start === at || !domain.test(text)) continue;
    free = domain.lastIndex;
    spans.push({ start, end: free });
  }
  return spans;
}
