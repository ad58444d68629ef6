import type { TokenEncoder } from "./token-encoder.ts";

type Encode = TokenEncoder["encode"];

/**
 * Encodes with tokens that were added to a vocabulary for pieces of plain text, such as runs of
 * spaces: wherever their text occurs it is that token, of several the longest, and the text between
 * them is encoded by itself.
 *
 * @param literals ids by text.
 */
export function withLiteralTokens(encode: Encode, literals: ReadonlyMap<string, number>): Encode {
  if (literals.size === 0) return encode;
  const expression = anyOf(literals.keys());
  return (text) => {
    const output: number[] = [];
    let end = 0;
    for (const { index, 0: literal } of text.matchAll(expression)) {
      if (index > end) for (const id of encode(text.slice(end, index))) output.push(id);
      output.push(literals.get(literal) ?? 0);
      end = index + literal.length;
    }
    if (end === 0) return encode(text);
    if (end < text.length) for (const id of encode(text.slice(end))) output.push(id);
    return output;
  };
}

/**
 * Keeps an encoder from finding names of structure in a text: it never sees one whole, because the
 * text is cut behind the first character of each.
 */
export function withoutNames(encode: Encode, names: Iterable<string>): Encode {
  const longer = [...names].filter((name) => [...name].length > 1);
  if (longer.length === 0) return encode;
  const expression = anyOf(longer);
  return (text) => {
    const cuts: number[] = [];
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match; match = expression.exec(text)) {
      const first = (text.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1;
      cuts.push(match.index + first);
      expression.lastIndex = match.index + first; // Names may overlap.
    }
    if (cuts.length === 0) return encode(text);
    return [...cuts, text.length].flatMap((cut, i) => encode(text.slice(cuts[i - 1] ?? 0, cut)));
  };
}

/** Matches any of the strings, the longest where several begin. */
function anyOf(strings: Iterable<string>): RegExp {
  const alternatives = [...strings]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(alternatives.join("|"), "gu");
}
