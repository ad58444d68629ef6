import { type Chunk, type Diff, type PreviewView, UNIT_OPS } from "@repotune/schema";
import type { UncutChange } from "../chunk-commits.ts";
import { chunksByUnit } from "../emit/whole-units.ts";
import { groupBy } from "../group-by.ts";
import type { CommitPreview } from "./preview-commit.ts";
import { OPS, rowText, widthsOf } from "./row-text.ts";
import { fit, oneLine, pad, widthOf, wrap } from "./terminal-text.ts";
import { unitRow } from "./unit-row.ts";

/** What git's letters say of a file. */
const FILE_CHANGES: Record<Diff["change_type"], string> = {
  A: "new",
  M: "changed",
  D: "removed",
  R: "renamed",
  C: "copied",
  T: "of another type",
};

/** The options that have cut what is skipped. */
const FLAGS: Record<string, string> = {
  merge: "--include-merges",
  generated: "--include-generated",
  vendored: "--include-vendored",
  lock_file: "--include-lock-files",
  minified: "--include-minified",
  too_large: "--max-patch-bytes",
};

/** Columns of the names in the head. */
const LABEL = 9;

/** Text beside a name has at least so many columns. */
const MIN_TEXT = 20;

/** Lines that a message may take. */
const MAX_LINES = 4;

/** More related files are only counted: those of the commit are all there to be seen. */
const MAX_RELATED = 3;

type UnitChunks = [Chunk, ...Chunk[]];

/** A preview as lines for a person. */
export function* formatPreview(preview: CommitPreview, view: PreviewView): Generator<string> {
  const { chunks, uncut } = preview;
  yield* headLines(preview, view);
  const units = chunksByUnit(chunks).map((parts) => parts as UnitChunks);
  for (const parts of groupBy(units, ([{ file_path }]) => file_path).values()) {
    yield* fileLines(parts, uncut, view);
  }
  yield* skippedLines(uncut, view);
  yield* summaryLines(units, preview, view);
}

function* headLines(preview: CommitPreview, { colors, columns }: PreviewView) {
  const { message, task } = preview;
  const { hash, author, timestamp } = preview.commit.metadata;
  const rows: [string, string, (text: string) => string][] = [
    [
      "commit",
      `${hash.slice(0, 12)} ${author}, ${timestamp?.slice(0, 10) ?? "no date"}`,
      colors.yellow,
    ],
    ["message", message, (text) => text],
    ["task", task, colors.bold],
  ];
  for (const [label, text, paint] of rows) {
    const width = Math.max(MIN_TEXT, columns - LABEL);
    const lines = wrap(fit(oneLine(text), MAX_LINES * width), width);
    for (const [index, line] of lines.entries()) {
      const shown = line === "" ? colors.dim("none") : paint(line);
      yield `${colors.dim(pad(index === 0 ? label : "", LABEL))}${shown}`;
    }
  }
}

/** One file's units, under its name. */
function* fileLines(
  units: readonly UnitChunks[],
  uncut: readonly UncutChange[],
  { colors, columns }: PreviewView,
) {
  const [first] = units[0] ?? [];
  if (!first) return;
  const { file_path, old_file_path, module_path, change_category } = first;
  const degraded = uncut.find(
    ({ diff, outcome }) => outcome === "degraded" && diff.filename === file_path,
  );
  const isRenamed = change_category === "R" || change_category === "C";
  const about = [
    first.language,
    ...(first.file_type === "source" ? [] : [first.file_type]),
    FILE_CHANGES[change_category],
    ...(isRenamed && old_file_path !== null ? [`from ${old_file_path}`] : []),
    ...(module_path === null ? [] : [module_path]),
    ...(degraded ? [`cut by hunk: ${degraded.reason}`] : []),
  ].join(", ");
  const path = oneLine(file_path);
  const room = Math.max(MIN_TEXT, columns - widthOf(path) - 2);
  yield "";
  yield `${colors.bold(path)}  ${colors.dim(fit(oneLine(about), room))}`;
  const rows = units.map((parts) => unitRow(parts, module_path));
  const widths = widthsOf(rows, columns);
  for (const [index, row] of rows.entries()) {
    yield* rowText(row, marginOf(units, index), widths, { colors, columns });
  }
  for (const line of neighbours(first)) yield colors.dim(fit(`  ${line}`, columns));
}

/** What joins units that share one chunk. */
function marginOf(units: readonly UnitChunks[], index: number): string {
  const isSame = (other: number) => units[other]?.[0].chunk_id === units[index]?.[0].chunk_id;
  const [isBefore, isAfter] = [isSame(index - 1), isSame(index + 1)];
  return isBefore ? (isAfter ? "│" : "╰") : isAfter ? "╭" : " ";
}

/** Files that belong to this one: by name if they are few, or if the code links them. */
function neighbours({ related_files, linked_files }: Chunk): string[] {
  const isFew = related_files.length <= MAX_RELATED;
  const related = isFew ? related_files : [`${related_files.length} files of the commit`];
  const lists = {
    with: related,
    imports: linked_files?.imports ?? [],
    "imported by": linked_files?.imported_by ?? [],
  };
  return Object.entries(lists)
    .filter(([, files]) => files.length > 0)
    .map(([label, files]) => oneLine(`${label} ${files.join(", ")}`));
}

function* skippedLines(uncut: readonly UncutChange[], { colors, columns }: PreviewView) {
  const skipped = uncut.filter(({ outcome }) => outcome === "skipped");
  if (skipped.length === 0) return;
  yield "";
  yield colors.bold("skipped");
  for (const [reason, files] of groupBy(skipped, (change) => change.reason)) {
    const names = files.map(({ diff }) => oneLine(diff.filename)).join(", ");
    const flag = FLAGS[reason] === undefined ? "" : ` (${FLAGS[reason]})`;
    yield fit(`  ${reason}${flag}: ${names}`, columns);
  }
}

function* summaryLines(
  units: readonly UnitChunks[],
  { chunks }: CommitPreview,
  { colors }: PreviewView,
) {
  const sum = (field: "additions" | "deletions") =>
    chunks.reduce((total, chunk) => total + chunk[field], 0);
  const counts = UNIT_OPS.map((op) => ({
    op,
    count: units.filter(([unit]) => unit.op === op).length,
  })).filter(({ count }) => count > 0);
  const ops = counts.map(({ op, count }) => {
    const { sign, color } = OPS[op];
    return `${colors[color](sign)} ${count} ${op}`;
  });
  yield "";
  yield [
    `${count(units.length, "unit")} in ${count(chunks.length, "chunk")}`,
    ...ops,
    `${colors.green(`+${sum("additions")}`)} ${colors.red(`-${sum("deletions")}`)}`,
  ].join(", ");
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
