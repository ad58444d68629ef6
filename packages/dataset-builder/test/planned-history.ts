import type { Commit } from "@repotune/schema";
import { commit, hashOf } from "@repotune/test-kit/records";

/** What of a commit matters to a split and its audit. */
export interface PlannedCommit {
  /** Numbers of its parents. @default the commit before it */
  parents?: readonly number[];
  /** @default ["main"], which HEAD is on */
  branches?: readonly string[];
  /** Lines it adds to one file. @default one of its own */
  lines?: readonly string[];
  /** Commit date in seconds since 1970. @default an hour after the commit before it */
  date?: number;
  file?: string;
}

/** A history of whole commits, with patches. */
export const plannedHistory = (planned: readonly PlannedCommit[]): Commit[] =>
  planned.map((plan, number) => {
    const { parents = number === 0 ? [] : [number - 1], branches = ["main"] } = plan;
    const { lines = [`line of ${number}`], date, file = `src/${number}.rs` } = plan;
    const plain = commit(number, { files: [file] });
    return {
      ...plain,
      metadata: {
        ...plain.metadata,
        parents: parents.map(hashOf),
        is_merge: parents.length > 1,
        commit_timestamp_unix: date ?? plain.metadata.commit_timestamp_unix,
      },
      branches: branches.map((branch_name) => ({
        branch_name,
        is_current: branch_name === "main",
        is_remote: false,
      })),
      diffs: plain.diffs.map((diff) => ({
        ...diff,
        additions: lines.length,
        patch: `diff --git a/${file} b/${file}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}`,
      })),
    };
  });

/** Lines that no other name gives. */
export const linesOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `let ${name}_${i} = ${i};`);
