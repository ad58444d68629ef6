import { readOptions } from "@repotune/schema/command";
import { Type } from "typebox";
import { expect, test } from "vitest";
import { describeFilterReport, emptyFilterReport } from "../src/filter/filter-report.ts";
import { type FilterOptions, filterOptions, normalFilterOptions } from "../src/filter/options.ts";

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
      "1 file by path, 1 patch by the limits.",
  );
  expect(describeFilterReport({ ...emptyFilterReport(), truncated: { patches: 2 } })).toBe(
    "Left out: 2 patches by the limits.",
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
