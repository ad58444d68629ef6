import type { Diff } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { Type } from "typebox";
import { expect, test } from "vitest";
import { describeFilterReport, emptyFilterReport } from "../src/filter/filter-report.ts";
import { limitFiles } from "../src/filter/limits.ts";
import { type FilterOptions, filterOptions, normalFilterOptions } from "../src/filter/options.ts";

const diff = (filename: string, patch: string, bytes?: string): Diff => ({
  filename,
  old_filename: null,
  change_type: "M",
  similarity: null,
  old_mode: "100644",
  new_mode: "100644",
  old_blob: "a".repeat(40),
  new_blob: "b".repeat(40),
  additions: 3,
  deletions: 1,
  patch,
  ...(bytes !== undefined && { patch_bytes: bytes }),
  is_binary: false,
  is_truncated: false,
});

test("files beyond the limit keep everything but their patch", () => {
  const diffs = [
    diff("a", "@@ a"),
    diff("b", "@@ b"),
    diff("c", ""),
    diff("d", "@@ \ufffd", "QEAg/w=="),
  ];
  expect(limitFiles(diffs, undefined)).toEqual({ diffs, truncated: 0 });
  expect(limitFiles(diffs, 4)).toEqual({ diffs, truncated: 0 });
  expect(limitFiles(diffs, 1)).toEqual({
    diffs: [
      diffs[0],
      { ...diff("b", ""), is_truncated: true },
      diffs[2], // There was no patch to lose.
      { ...diff("d", ""), is_truncated: true },
    ],
    truncated: 2,
  });
  expect(limitFiles(diffs, 0).truncated).toBe(3);
  expect(diffs[3]?.patch_bytes).toBe("QEAg/w==");
});

test("what is left out is told in one sentence", () => {
  const report = emptyFilterReport();
  expect(describeFilterReport(report)).toBeUndefined();
  report.commits.date = 120;
  report.commits.merge = 14;
  report.files.path = 3201;
  expect(describeFilterReport(report)).toBe(
    "Left out: 120 commits by date, 14 merges, 3,201 files by path.",
  );
  const one = { date: 1, author: 1, bot: 1, merge: 1, path: 1 };
  expect(
    describeFilterReport({ commits: one, files: { path: 1 }, truncated: { patches: 1 } }),
  ).toBe(
    "Left out: 1 commit by date, 1 commit by author, 1 commit of bots, 1 merge, 1 commit by path, " +
      "1 file by path, 1 patch by the number of files.",
  );
  expect(describeFilterReport({ ...emptyFilterReport(), truncated: { patches: 2 } })).toBe(
    "Left out: 2 patches by the number of files.",
  );
});

test("options that read the same have one form, which is its own", () => {
  const spellings: FilterOptions[] = [
    {
      refs: "release/*,^refs/pull/*,heads",
      since: "2025-01-01",
      until: "2025-01-31",
      authors: "Grace,ADA",
      excludeAuthors: "dependabot[bot]",
      paths: "./src, !*.lock",
      extensions: "TOML,.rs",
    },
    {
      refs: " heads, heads , !refs/pull/*, release/*",
      since: "2025-01-01T01:00:00+01:00",
      until: "2025-01-31 23:59:59Z",
      authors: "ada, grace,ada",
      excludeAuthors: "Dependabot[bot]",
      bots: true,
      merges: true,
      paths: "!*.lock,/src",
      extensions: "*.rs,toml,rs",
      maxFiles: undefined,
    },
  ];
  const normal = {
    refs: "heads,release/*,!refs/pull/*",
    since: "2025-01-01T00:00:00Z",
    until: "2025-01-31T23:59:59Z",
    authors: "ada,grace",
    excludeAuthors: "dependabot[bot]",
    bots: true,
    merges: true,
    paths: "!*.lock,/src",
    extensions: "rs,toml",
    maxFiles: undefined,
  };
  for (const options of spellings) expect(normalFilterOptions(options)).toEqual(normal);
  expect(normalFilterOptions(normal)).toEqual(normal);
  const none = { authors: "", excludeAuthors: ",", paths: " ", extensions: "" };
  expect(normalFilterOptions(none)).toEqual(normalFilterOptions({}));
});

test("options that cannot be used are refused at once", () => {
  for (const options of [{ refs: "" }, { since: "x" }, { paths: "[" }, { extensions: "/" }]) {
    expect(() => normalFilterOptions(options)).toThrow(
      expect.objectContaining({ code: "E_USAGE" }),
    );
  }
});

test("the declarations fit what they declare", () => {
  const defaults = readOptions(Type.Object(filterOptions), {});
  expect(defaults).toEqual({ refs: "all", bots: true, merges: true });
  expect(normalFilterOptions(defaults)).toEqual(normalFilterOptions({}));
});
