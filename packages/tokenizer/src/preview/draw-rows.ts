import type { PreviewView } from "@repotune/schema";
import type { ShownToken } from "./shown-token.ts";
import { type ShownPart, type TokenRow, tokenRows } from "./token-rows.ts";

type Colors = PreviewView["colors"];

/** From this weight on, tokens are what a model is to learn. */
const FULL_WEIGHT = 50;

/** Columns of the weight before a row. */
const GUTTER = 6;

/** Two shades for each kind of token, so that neighbours stand out from one another. */
const shades = (colors: Colors, { weight, isStructure }: ShownToken) => {
  if (isStructure) return [colors.bgMagenta, colors.bgMagentaBright];
  if (weight === 0) return [colors.bgBlack, colors.bgBlackBright];
  if (weight < FULL_WEIGHT) return [colors.bgBlue, colors.bgBlueBright];
  return [colors.bgGreen, colors.bgGreenBright];
};

/** What the colours and signs mean. */
export function legend({ colors }: PreviewView): string {
  if (!colors.isColorSupported) {
    return "Before each row stands the weight of its tokens in the loss, in percent. │ separates tokens, «…» is structure.";
  }
  const sample = (text: string, weight: number, isStructure = false) =>
    paint(colors, ` ${text} `, { id: 0, text, weight, isStructure, breaks: [] }, 0);
  return [
    "Weight in the loss, in percent, before each row:",
    sample("given", 0),
    sample("copied", 10),
    sample("learned", 100),
    sample("structure", 0, true),
  ].join(" ");
}

/** A document's tokens, row by row, with their weights. */
export function* drawTokens(
  tokens: Iterable<ShownToken>,
  { colors, columns }: PreviewView,
): Generator<string> {
  const separator = colors.isColorSupported ? 0 : 1;
  const width = Math.max(20, columns - GUTTER);
  for (const row of tokenRows(tokens, width, separator)) {
    const weight = `${row.weight}`.padStart(GUTTER - 3);
    yield `${colors.dim(`${weight} │`)} ${colors.isColorSupported ? painted(colors, row) : separated(row)}\n`;
  }
}

const painted = (colors: Colors, { parts }: TokenRow): string =>
  parts.map(({ text, token, index }) => paint(colors, text, token, index)).join("");

function paint(colors: Colors, text: string, token: ShownToken, index: number): string {
  const shade = shades(colors, token)[index % 2] ?? colors.reset;
  const isDark = !token.isStructure && token.weight === 0;
  return shade(isDark ? colors.white(text) : colors.black(text));
}

/** Without colours, a bar between tokens, and guillemets around each run of structure. */
function separated({ parts }: TokenRow): string {
  let line = "";
  for (const [i, { text, token }] of parts.entries()) {
    const [before, after] = [parts[i - 1], parts[i + 1]];
    const opens = token.isStructure && !joins(before);
    const closes = token.isStructure && !joins(after);
    if (i > 0 && !opens && !(before?.token.isStructure && !token.isStructure)) line += "│";
    line += `${opens ? "«" : ""}${text}${closes ? "»" : ""}`;
  }
  return line;
}

const joins = (part: ShownPart | undefined): boolean => part?.token.isStructure === true;
