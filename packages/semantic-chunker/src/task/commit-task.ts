import type { Hygiene } from "../hygiene/hygiene.ts";
import { describeCommit } from "./describe-commit.ts";
import type { LeftOut } from "./left-out.ts";
import type { TaskChunk } from "./task-unit.ts";

const PATHS = ["file_path", "old_file_path", "module_path"] as const;

/**
 * Describes a commit as {@link describeCommit} does, without the secrets that its paths hold.
 *
 * @param chunks cleaned already, but for their paths, which name files.
 */
export function commitTask(
  chunks: readonly TaskChunk[],
  leftOut: readonly LeftOut[],
  unread: number,
  hygiene: Hygiene,
): string {
  const paths = new Set([
    ...chunks.flatMap((chunk) => PATHS.map((field) => chunk[field] ?? "")),
    ...leftOut.flatMap(({ diff }) => [diff.filename, diff.old_filename ?? ""]),
  ]);
  // One look over all of them: hardly any commit has a secret there.
  const text = [...paths].join("\n");
  if (hygiene.cleanText(text) === text) return describeCommit(chunks, leftOut, unread);
  const clean = <Path extends string | null>(path: Path) =>
    (path === null ? null : hygiene.cleanText(path)) as Path;
  return describeCommit(
    chunks.map((chunk) => ({
      ...chunk,
      file_path: clean(chunk.file_path),
      old_file_path: clean(chunk.old_file_path),
      module_path: clean(chunk.module_path),
    })),
    leftOut.map(({ diff, reason }) => ({
      diff: {
        ...diff,
        filename: clean(diff.filename),
        old_filename: clean(diff.old_filename),
      },
      reason,
    })),
    unread,
  );
}
