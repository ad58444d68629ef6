import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { isoDate } from "../src/commit/date.ts";
import { type HistoryRow, HistoryTable } from "../src/stats/history-table.ts";
import { historyTotals } from "../src/stats/history-totals.ts";
import { tableFromGit } from "./history-rows.ts";

const row = (index: number, diffs: HistoryRow["diffs"] = []): HistoryRow => {
  const zones = ["+0000", "-0330", "+1245", "+2359", "-2359", "-0000"];
  const seconds = index % 7 === 6 ? undefined : index * 98_765_432;
  return {
    metadata: {
      author: `Author ${index % 5}`,
      author_email: `${index % 3}@example.org`,
      timestamp: isoDate(seconds, zones[index % zones.length] as string),
      timestamp_unix: seconds ?? 0,
      commit_timestamp_unix: index * 12_345,
      is_merge: index % 4 === 0,
      insertions: index * 2 ** 33,
      deletions: index,
    },
    diffs,
  };
};

test("rows come back as they were added, also through JSON", () => {
  const table = new HistoryTable();
  const rows = Array.from({ length: 5000 }, (_, index) =>
    row(index, [
      { filename: `file ${index % 37}`, change_type: "M", additions: index, deletions: 4e9 },
      ...(index % 2 === 0
        ? [
            {
              filename: "caf\ufffd",
              filename_bytes: Buffer.from([99, 97, 102, 0xe9, index % 3]).toString("base64"),
              old_filename: "caf\ufffd",
              old_filename_bytes: "Y2Fm6A==",
              change_type: "R" as const,
              additions: 0,
              deletions: 0,
            },
          ]
        : []),
    ]),
  );
  for (const each of rows) table.add(each);
  expect(table.size).toBe(rows.length);
  expect(table.changeCount).toBe(7500);
  // 37 names, three that differ in bytes only, and the old one.
  expect(table.paths.size).toBe(41);
  const read = new HistoryTable();
  for (let index = 0; index < table.size; index += 1) {
    read.add(JSON.parse(JSON.stringify(table.row(index))));
  }
  for (const [index, each] of rows.entries()) {
    expect(table.row(index)).toEqual(each);
    expect(read.row(index)).toEqual(each);
  }
});

test("dates in years far off keep their zone", () => {
  const table = new HistoryTable();
  const dates = [0, 253_402_300_799 + 86_400, 8.64e12 - 2 * 86_400].map((seconds) => ({
    ...row(1).metadata,
    timestamp: isoDate(seconds, "-0930"),
    timestamp_unix: seconds,
  }));
  for (const metadata of dates) table.add({ metadata, diffs: [] });
  expect(dates.map((_, index) => table.timestamp(index))).toEqual(
    dates.map(({ timestamp }) => timestamp),
  );
});

test("a million changes take less than 30 MB beside their paths", () => {
  const table = new HistoryTable();
  const diffs = Array.from({ length: 20 }, (_, index) => ({
    filename: `file ${index}`,
    change_type: "M" as const,
    additions: 1,
    deletions: 1,
  }));
  for (let index = 0; index < 50_000; index += 1) table.add(row(index, diffs));
  expect(table.changeCount).toBe(1_000_000);
  expect(table.byteLength).toBeGreaterThan(1_000_000 * 17);
  expect(table.byteLength).toBeLessThan(30e6);
});

test("totals equal git's", () => {
  const repository = gitRepository();
  repository.commit("One", { a: "1\n2\n", b: "x\n" }, { date: "1700000000 +0200" });
  const grace = { author: "Grace <grace@example.org>", date: "1600000000 -0500" };
  repository.commit("Two", { a: "1\n3\n", c: Buffer.from([0, 1]) }, grace);
  repository.checkout("topic", { create: true });
  repository.commit("Three", { b: null, d: "x\n" }, { author: "Other <grace@example.org>" });
  repository.checkout("main");
  repository.commit("Four", { a: "4\n" });
  repository.merge("topic");
  const { table, ids } = tableFromGit(repository);
  const log = (...args: string[]) => repository.git("log", "--all", ...args).split("\n");
  const numstat = log("--format=", "--numstat", "--diff-merges=first-parent").filter(Boolean);
  const sum = (column: number) =>
    numstat.reduce((total, line) => total + (Number(line.split("\t")[column]) || 0), 0);
  expect(historyTotals(table)).toEqual({
    total_commits: log("--format=%H").length,
    total_authors: new Set(log("--format=%ae")).size,
    merge_commits: log("--format=%H", "--merges").length,
    total_files_touched: 4,
    total_insertions: sum(0),
    total_deletions: sum(1),
    date_range: { first: "2020-09-13T07:26:40-05:00", last: "2025-01-01T00:05:00+00:00" },
  });
  const one = (person: { name: string }) => ({ ...person, email: "all@example.org" });
  const include = (commit: number) => commit < 2;
  expect(historyTotals(table, { include, canonical: one })).toMatchObject({
    total_commits: 2,
    total_authors: 1,
    merge_commits: 0,
    total_files_touched: 3,
  });
  expect(ids).toHaveLength(5);
});
