import type { PreviewView, UnitOp } from "@repotune/schema";
import { fit, fitEnd, pad, widthOf } from "./terminal-text.ts";
import type { UnitRow } from "./unit-row.ts";

/** How each operation is shown. */
export const OPS: Record<
  UnitOp,
  { sign: string; color: "cyan" | "green" | "magenta" | "red" | "yellow" }
> = {
  added: { sign: "+", color: "green" },
  modified: { sign: "~", color: "yellow" },
  removed: { sign: "-", color: "red" },
  moved: { sign: ">", color: "cyan" },
  renamed: { sign: "=", color: "magenta" },
};

/** Terminals from these widths on show the columns that say least. */
const EVIDENCE_FROM = 90;
const LINES_FROM = 72;

/** Names are not cut shorter, however narrow the terminal. */
const MIN_NAME = 16;

/** Between columns. */
const GAP = "  ";

/** The widths of the columns of a table of units; 0 for a column that is left out. */
export interface RowWidths {
  type: number;
  evidence: number;
  kind: number;
  name: number;
  lines: number;
  additions: number;
  deletions: number;
}

/** Widths that suit all rows, of which none is to be wider than `columns` if that can be. */
export function widthsOf(rows: readonly UnitRow[], columns: number): RowWidths {
  const widest = (text: (row: UnitRow) => string) =>
    rows.reduce((width, row) => Math.max(width, widthOf(text(row))), 0);
  const widths = {
    type: widest(({ changeType }) => changeType),
    evidence: columns < EVIDENCE_FROM ? 0 : widest(({ evidence }) => evidence),
    kind: widest(({ kind }) => kind),
    lines: columns < LINES_FROM ? 0 : widest(({ lines }) => lines),
    additions: widest(({ additions }) => added(additions)),
    deletions: widest(({ deletions }) => removed(deletions)),
  };
  const others = Object.values(widths).filter((width) => width > 0);
  const taken = others.reduce((sum, width) => sum + width + GAP.length, "  + ".length);
  const room = Math.max(MIN_NAME, columns - taken);
  return {
    ...widths,
    name: Math.min(
      room,
      widest(({ name }) => name),
    ),
  };
}

/**
 * A unit as a line, and what else there is to say of it in lines below.
 *
 * @param margin a character before it.
 */
export function* rowText(
  row: UnitRow,
  margin: string,
  widths: RowWidths,
  { colors, columns }: Pick<PreviewView, "colors" | "columns">,
): Generator<string> {
  const { sign, color } = OPS[row.op];
  const cell = (text: string, width: number, paint: (text: string) => string = (same) => same) =>
    width === 0 ? [] : [paint(pad(text, width))];
  const right = (text: string, width: number, paint: (text: string) => string) =>
    width === 0 ? [] : [paint(text.padStart(width))];
  const cells = [
    ...cell(row.changeType, widths.type, colors[color]),
    ...cell(row.evidence, widths.evidence, colors.dim),
    ...cell(row.kind, widths.kind),
    ...cell(fitEnd(row.name, widths.name), widths.name, colors.bold),
    ...right(row.lines, widths.lines, colors.dim),
    ...right(added(row.additions), widths.additions, colors.green),
    ...right(removed(row.deletions), widths.deletions, colors.red),
  ];
  yield `${colors.dim(margin)} ${colors[color](sign)} ${cells.join(GAP)}`.trimEnd();
  if (row.marks.length > 0) {
    yield colors.dim(fit(`      ${row.marks.join("; ")}`, columns));
  }
}

const added = (count: number) => (count === 0 ? "" : `+${count}`);
const removed = (count: number) => (count === 0 ? "" : `-${count}`);
