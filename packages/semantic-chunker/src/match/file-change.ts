import type { Diff } from "@repotune/schema";
import { Alignment } from "../diff/alignment.ts";
import type { FilePatch } from "../diff/patch.ts";
import { type Lexis, lexisOf } from "../files/file-language.ts";
import type { FileRole } from "../files/file-role.ts";
import type { SourceText } from "../source/source-text.ts";
import type { Unit, UnitMap } from "../source/unit.ts";
import type { UnitChange } from "./unit-change.ts";

/** A file before or after a change, cut into units. */
export interface FileSide {
  source: SourceText;
  map: UnitMap;
}

/** One file's change in a commit, while its units are being matched. */
export class FileChange {
  readonly diff: Diff;
  readonly patch: FilePatch;
  readonly alignment: Alignment;
  readonly language: string;
  readonly lexis: Lexis;
  readonly role: FileRole;
  /** Module the file is, from its crate down; empty for languages without modules. */
  readonly modules: readonly string[];
  /** Null where the file did not exist, or is not cut by syntax. */
  readonly old: FileSide | null;
  readonly new: FileSide | null;
  /** Unit change that each changed row of the patch belongs to; undefined for context. */
  readonly owners: (UnitChange | undefined)[];

  constructor(
    fields: Pick<FileChange, "diff" | "patch" | "language" | "role" | "modules" | "old" | "new">,
  ) {
    this.diff = fields.diff;
    this.patch = fields.patch;
    this.alignment = new Alignment(fields.patch);
    this.language = fields.language;
    this.lexis = lexisOf(fields.language);
    this.role = fields.role;
    this.modules = fields.modules;
    this.old = fields.old;
    this.new = fields.new;
    this.owners = new Array<UnitChange | undefined>(fields.patch.rows.length).fill(undefined);
  }
}

/** A unit on one side of a file's change. */
export interface UnitRef {
  file: FileChange;
  side: "old" | "new";
  /** Into the side's units. */
  index: number;
  unit: Unit;
}

/** The lines of a unit, in order; those of its members are not among them. */
export function linesOf({ file, side, index, unit }: UnitRef): number[] {
  const owners = file[side]?.map.owners;
  const lines: number[] = [];
  for (let line = unit.first; line <= unit.last; line += 1) {
    if (owners?.[line] === index) lines.push(line);
  }
  return lines;
}

/** The text of a unit, without the last line feed. */
export function textOf(ref: UnitRef): string {
  const { file, side, index, unit } = ref;
  const content = file[side];
  if (!content) return "";
  const { source, map } = content;
  const parts: string[] = [];
  let start = 0;
  for (let line = unit.first; line <= unit.last + 1; line += 1) {
    const isOwn = line <= unit.last && map.owners[line] === index;
    if (isOwn && start === 0) start = line;
    if (isOwn || start === 0) continue;
    parts.push(source.lines(start, line - 1));
    start = 0;
  }
  return parts.join("\n");
}
