import { type Dataset, type PreviewView, SPLIT_SIDES, type SplitSide } from "@repotune/schema";
import { count, percent } from "./number-text.ts";

/** Width of a side's column. */
const COLUMN = 16;
const LABEL = 14;

/** A table of what is on each side. */
export function* describeSides(
  { splits, objective }: Dataset,
  counted: Record<SplitSide, { documents: number; tokens: number; rows: number }>,
  { colors }: PreviewView,
): Generator<string> {
  const row = (label: string, cell: (side: SplitSide) => string): string => {
    const cells = SPLIT_SIDES.map((side) => cell(side).padStart(COLUMN));
    return `${colors.dim(label.padEnd(LABEL))}${cells.join("")}\n`;
  };
  const date = (text: string | null) => text?.slice(0, 10) ?? "unknown";
  const total = SPLIT_SIDES.reduce((sum, side) => sum + counted[side].tokens, 0);
  yield `${"".padEnd(LABEL)}${SPLIT_SIDES.map((side) => colors.bold(side.padStart(COLUMN))).join("")}\n`;
  yield row("commits", (side) => count(splits[side].commits));
  yield row("from", (side) => date(splits[side].date_range.first));
  yield row("to", (side) => date(splits[side].date_range.last));
  yield row("authors", (side) => {
    const { authors, new_authors } = splits[side];
    const isFirst = side === "train" || new_authors === undefined;
    return isFirst ? count(authors) : `${count(authors)}, ${count(new_authors)} new`;
  });
  yield row("documents", (side) => count(counted[side].documents));
  yield row("tokens", (side) => count(counted[side].tokens));
  yield row("  of all", (side) => percent(counted[side].tokens, total));
  yield row("  with loss", (side) => percent(splits[side].loss_tokens, splits[side].tokens));
  yield row("bytes a token", (side) =>
    (splits[side].bytes / Math.max(1, splits[side].tokens)).toFixed(2),
  );
  yield row(objective === "causal" ? "sequences" : "windows", (side) =>
    count(splits[side].sequences),
  );
  if (splits.train.filled_share !== undefined) {
    yield row("  filled", (side) => percent(splits[side].filled_share ?? 0, 1));
  }
}
