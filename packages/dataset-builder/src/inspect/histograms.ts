import { type Dataset, type PreviewView, SPLIT_SIDES } from "@repotune/schema";
import { count, percent } from "./number-text.ts";

/** Longest bar, in characters. */
const BAR = 24;
/** Types of change that are shown one by one. */
const MAX_TYPES = 12;

/** How often each type of change occurs, the most frequent first. */
export function* describeChangeTypes(
  { splits }: Dataset,
  { colors }: PreviewView,
): Generator<string> {
  const totals = new Map<string, number>();
  for (const side of SPLIT_SIDES) {
    for (const [type, chunks] of Object.entries(splits[side].change_types)) {
      totals.set(type, (totals.get(type) ?? 0) + chunks);
    }
  }
  const types = [...totals].sort(([, a], [, b]) => b - a);
  const all = types.reduce((sum, [, chunks]) => sum + chunks, 0);
  if (all === 0) return;
  yield `${colors.bold("change types")}${colors.dim("  units, all sides")}\n`;
  const [[, most] = ["", 1]] = types;
  for (const [type, chunks] of types.slice(0, MAX_TYPES)) {
    yield `  ${type.padEnd(20)} ${count(chunks).padStart(9)} ${percent(chunks, all).padStart(7)} ${colors.cyan(bar(chunks, most))}\n`;
  }
  const others = types.slice(MAX_TYPES);
  if (others.length > 0) {
    const rest = others.reduce((sum, [, chunks]) => sum + chunks, 0);
    yield colors.dim(
      `  ${`${others.length} others`.padEnd(20)} ${count(rest).padStart(9)} ${percent(rest, all).padStart(7)}\n`,
    );
  }
  yield "\n";
}

/** How long documents are, in bins that double. */
export function* describeLengths({ splits }: Dataset, { colors }: PreviewView): Generator<string> {
  const bins = splits.train.document_length_histogram;
  const total = bins.reduce((sum, { documents }) => sum + documents, 0);
  const most = Math.max(1, ...bins.map(({ documents }) => documents));
  yield `${colors.bold("document lengths")}${colors.dim("  tokens, train")}\n`;
  for (const { up_to, documents } of bins) {
    yield `  ${`up to ${count(up_to)}`.padEnd(20)} ${count(documents).padStart(9)} ${percent(documents, total).padStart(7)} ${colors.cyan(bar(documents, most))}\n`;
  }
  yield "\n";
}

const bar = (value: number, most: number): string =>
  "█".repeat(value === 0 ? 0 : Math.max(1, Math.round((value / most) * BAR)));
