import type { Chunk, UnitOp } from "@repotune/schema";
import { nameWithin } from "../task/names.ts";
import { oneLine } from "./terminal-text.ts";

/** What a preview tells of a unit. */
export interface UnitRow {
  op: UnitOp;
  changeType: string;
  /** What the change type rests on, and how firmly: `syntax 1`. */
  evidence: string;
  kind: string;
  /** Within the module of its file. */
  name: string;
  /** `12–20`, `12–20 → 14–25`. */
  lines: string;
  additions: number;
  deletions: number;
  /** Whatever else there is to say. */
  marks: string[];
}

/**
 * The row of a unit.
 *
 * @param chunks its parts, or the one chunk that is all of it.
 * @param module that names are told within; null for whole names.
 */
export function unitRow(chunks: readonly [Chunk, ...Chunk[]], module: string | null): UnitRow {
  const [first] = chunks;
  const sum = (field: "additions" | "deletions") =>
    chunks.reduce((total, chunk) => total + chunk[field], 0);
  return {
    op: first.op,
    changeType: first.change_type,
    evidence: `${first.change_type_source} ${first.confidence}`,
    kind: first.kind,
    name: nameOf(first, module),
    lines: linesOf(chunks),
    additions: sum("additions"),
    deletions: sum("deletions"),
    marks: marksOf(chunks),
  };
}

function nameOf({ qualified_name, section }: Chunk, module: string | null): string {
  const name = qualified_name === null ? section : nameWithin(qualified_name, module);
  return oneLine(name ?? "");
}

/** The lines of a unit: those of the new file; for what is gone, or is elsewhere now, the old ones too. */
function linesOf(chunks: readonly Chunk[]): string {
  const range = (side: "old" | "new") => {
    const ranges = chunks.flatMap(({ line_range }) => (line_range[side] ? [line_range[side]] : []));
    const starts = ranges.map(([start = 0]) => start);
    const ends = ranges.map(([, end = 0]) => end);
    if (ranges.length === 0) return undefined;
    const [from, to] = [Math.min(...starts), Math.max(...ends)];
    return from === to ? `${from}` : `${from}–${to}`;
  };
  return range("new") ?? range("old") ?? "";
}

function marksOf(chunks: readonly [Chunk, ...Chunk[]]): string[] {
  const [first] = chunks;
  const marks: string[] = [];
  const isElsewhere = first.op === "moved" || first.op === "renamed";
  if (first.old_name !== undefined) marks.push(`was ${oneLine(first.old_name)}`);
  if (isElsewhere && first.old_file_path !== null) {
    marks.push(`from ${oneLine(first.old_file_path)}`);
  }
  if (first.is_cosmetic) marks.push("only white space changed");
  if (first.part) {
    const count = chunks.length === 1 ? "1 part changed" : `${chunks.length} parts changed`;
    marks.push(`${count} of ${first.part.count}`);
  }
  if (chunks.some((chunk) => chunk.is_boilerplate)) marks.push("licence header");
  else if (chunks.some((chunk) => chunk.header_lines)) marks.push("without its licence header");
  const secrets = new Set(chunks.flatMap((chunk) => chunk.secrets ?? []));
  if (secrets.size > 0) marks.push(`secrets: ${[...secrets].join(", ")}`);
  const repeated = new Set(chunks.flatMap(({ duplicate_of }) => duplicate_of ?? []));
  if (repeated.size > 0) marks.push(`repeats ${[...repeated].join(", ")}`);
  return marks;
}
