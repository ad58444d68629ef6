import type { FileChange } from "../match/file-change.ts";
import type { UnitChange } from "../match/unit-change.ts";

/** The changed rows of each file by the unit change they were given to, as ascending indexes. */
export function rowsByChange(files: FileChange[]): Map<UnitChange, Map<FileChange, number[]>> {
  const result = new Map<UnitChange, Map<FileChange, number[]>>();
  for (const file of files) {
    for (const [index, change] of file.owners.entries()) {
      if (!change) continue;
      const byFile = result.get(change) ?? new Map<FileChange, number[]>();
      const indexes = byFile.get(file);
      if (indexes) indexes.push(index);
      else byFile.set(file, [index]);
      result.set(change, byFile);
    }
  }
  return result;
}
