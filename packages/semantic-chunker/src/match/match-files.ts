import { assignRows } from "./assign-rows.ts";
import type { FileChange } from "./file-change.ts";
import { pairAcross } from "./pair-across.ts";
import { pairInFile } from "./pair-in-file.ts";
import type { UnitChange } from "./unit-change.ts";

/** Finds what became of each unit in some file changes of one commit, and whose each line is. */
export function matchFiles(files: FileChange[]): UnitChange[] {
  const parsed = files.filter((file) => file.old || file.new);
  const pairs = parsed.map(pairInFile);
  const changes = pairs.flatMap((pair) => pair.changes);

  const olds = pairs.flatMap((pair) => pair.olds);
  const news = pairs.flatMap((pair) => pair.news);
  const matched = new Set<unknown>();
  for (const { op, old, new: fresh } of pairAcross(olds, news)) {
    matched.add(old).add(fresh);
    changes.push({ op, file: fresh.file, old, new: fresh, hunk: null });
  }
  for (const old of olds) {
    if (matched.has(old)) continue;
    changes.push({ op: "removed", file: old.file, old, new: null, hunk: null });
  }
  for (const fresh of news) {
    if (matched.has(fresh)) continue;
    changes.push({ op: "added", file: fresh.file, old: null, new: fresh, hunk: null });
  }
  const equal = pairs.flatMap((pair) => pair.equal);
  return [...changes, ...assignRows(files, changes, equal)];
}
