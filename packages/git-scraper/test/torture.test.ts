import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Commit, CommitSchema, recordParser } from "@repotune/schema";
import type { TestRepository } from "@repotune/test-kit/git";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Scrape } from "../src/index.ts";
import { tortureRepository } from "./torture-repository.ts";

describe.each(["sha1", "sha256"] as const)("a torture repository of %s objects", (objectFormat) => {
  let folder: string;
  let repository: TestRepository;
  let commits: Commit[];
  let metadata: ReturnType<Scrape["metadata"]>;
  const notices: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "repotune-torture-"));
    repository = tortureRepository({ folder, objectFormat });
    const scrape = await Scrape.open(
      repository.path,
      {},
      { onNotice: (text) => notices.push(text) },
    );
    try {
      commits = [];
      for await (const commit of scrape.commits()) commits.push(commit);
      metadata = scrape.metadata();
    } finally {
      await scrape.close();
    }
  }, 120_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What plain git says, replace refs aside; one answer a commit. */
  const log = (...args: string[]) =>
    repository
      .gitBytes([
        "--no-replace-objects",
        "-c",
        "core.quotePath=off",
        "log",
        "--all",
        "--date-order",
        "--reverse",
        ...args,
      ])
      .toString("utf8");

  test("order and ids are those of git rev-list", () => {
    const expected = repository.git(
      "--no-replace-objects",
      "rev-list",
      "--all",
      "--date-order",
      "--reverse",
    );
    expect(commits.map((commit) => commit.metadata.hash)).toEqual(expected.split("\n"));
    expect(commits.map((commit) => commit.commit_number)).toEqual(commits.map((_, index) => index));
    expect(commits.length).toBeGreaterThan(50);
    expect(notices).toEqual([]);
    expect(metadata.failures).toEqual([]);
  });

  test("every record is valid", () => {
    const parse = recordParser(CommitSchema);
    for (const [index, commit] of commits.entries()) {
      const line = {
        number: index + 1,
        text: JSON.stringify(commit),
        endOffset: 0,
        isTerminated: true,
      };
      expect(parse(line, "commits")).toEqual(commit);
    }
  });

  test("metadata equals git log's", () => {
    const fields = ["%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%s", "%b"];
    const records = log("--encoding=UTF-8", `--format=%x00%x01${fields.join("%x02")}%x02`)
      .split("\0\u0001")
      .slice(1);
    expect(records).toHaveLength(commits.length);
    for (const [index, record] of records.entries()) {
      const { metadata } = commits[index] as Commit;
      const found = [
        metadata.hash,
        metadata.tree_hash,
        metadata.parents.join(" "),
        metadata.author,
        metadata.author_email,
        String(metadata.timestamp_unix),
        metadata.committer,
        metadata.committer_email,
        String(metadata.commit_timestamp_unix),
        metadata.message,
        metadata.message_body,
      ];
      expect(found, metadata.hash).toEqual(record.split("\u0002").slice(0, -1));
    }
  });

  test("dates equal git's own ISO 8601, where git's is one", () => {
    const dates = log("--format=%aI").trim().split("\n");
    for (const [index, date] of dates.entries()) {
      const { timestamp } = (commits[index] as Commit).metadata;
      expect(timestamp).toBe(date.replace(/Z$/, "+00:00"));
    }
  });

  test("counts, binary flags and names equal git log's numstat", () => {
    const stats = log(
      "-z",
      "--numstat",
      "-M",
      "--diff-merges=first-parent",
      "--no-textconv",
      "--format=%x01",
    )
      .split("\u0001")
      .slice(1);
    for (const [index, record] of stats.entries()) {
      const commit = commits[index] as Commit;
      expect(commit.diffs.map(numstat), commit.metadata.hash).toEqual(parseNumstat(record));
    }
  });

  test("modes, blobs, letters and exact names equal git diff-tree's", () => {
    for (const commit of commits) {
      const [parent] = commit.metadata.parents;
      const range =
        parent === undefined ? ["--root", commit.metadata.hash] : [parent, commit.metadata.hash];
      const raw = repository.gitBytes([
        "--no-replace-objects",
        "diff-tree",
        "-r",
        "-z",
        "-M",
        "--no-commit-id",
        "--no-abbrev",
        ...range,
      ]);
      const found = commit.diffs.map((diff) => {
        const name = exact(diff.filename, diff.filename_bytes);
        const old =
          diff.old_filename === null ? [] : [exact(diff.old_filename, diff.old_filename_bytes)];
        const score = diff.similarity === null ? "" : String(diff.similarity).padStart(3, "0");
        const head = `:${diff.old_mode} ${diff.new_mode} ${diff.old_blob} ${diff.new_blob} ${diff.change_type}${score}`;
        return [head, ...old, name].map((part) => `${part}\0`).join("");
      });
      expect(found.join(""), commit.metadata.hash).toBe(raw.toString("latin1"));
    }
  });

  test("git apply turns each parent's tree into the commit's by the patches", () => {
    const index = join(folder, "index");
    const run = (args: string[], input: Buffer = Buffer.alloc(0)) =>
      spawnSync("git", ["--no-replace-objects", ...args], {
        cwd: repository.path,
        input,
        env: { ...process.env, GIT_INDEX_FILE: index, GIT_CONFIG_GLOBAL: "/dev/null" },
      });
    let applied = 0;
    for (const commit of commits) {
      const patches = commit.diffs.map((diff) =>
        Buffer.from(exact(diff.patch, diff.patch_bytes), "latin1"),
      );
      if (patches.length === 0 || commit.diffs.some((diff) => diff.is_binary)) continue;
      const [parent] = commit.metadata.parents;
      run(["read-tree", ...(parent === undefined ? ["--empty"] : [parent])]);
      const result = run(["apply", "--cached", "--whitespace=nowarn", "-"], Buffer.concat(patches));
      expect(result.stderr.toString(), commit.metadata.message).toBe("");
      const tree = run(["write-tree", "--missing-ok"]).stdout.toString().trim();
      expect(tree, commit.metadata.message).toBe(commit.metadata.tree_hash);
      applied += 1;
    }
    expect(applied).toBeGreaterThan(25);
  });

  test("branches and tags equal what git says contains or points to each commit", () => {
    const refs = (...args: string[]) => {
      const format = "--format=%(refname)%00%(symref)";
      return repository
        .git("--no-replace-objects", "for-each-ref", format, ...args)
        .split("\n")
        .filter((line) => line.endsWith("\0"))
        .map((line) => line.slice(0, -1));
    };
    // Not --points-at, which looks behind one tag only.
    const tagged = new Map<string, string[]>();
    for (const name of ["annotated", "light", "nested"]) {
      const commit = repository.git("--no-replace-objects", "rev-parse", `${name}^{}`);
      tagged.set(commit, [...(tagged.get(commit) ?? []), name]);
    }
    for (const { metadata, branches, tags, context } of commits) {
      const containing = refs(`--contains=${metadata.hash}`, "refs/heads", "refs/remotes");
      const names = branches.map(
        ({ branch_name, is_remote }) => `refs/${is_remote ? "remotes" : "heads"}/${branch_name}`,
      );
      expect(names, metadata.hash).toEqual(containing);
      expect(tags, metadata.hash).toEqual(tagged.get(metadata.hash) ?? []);
      expect(context.has_tags).toBe(tags.length > 0);
      expect(
        branches.filter((branch) => branch.is_current).map((branch) => branch.branch_name),
      ).toEqual(containing.includes("refs/heads/main") ? ["main"] : []);
    }
    expect(commits.some(({ tags }) => tags.join() === "annotated,nested")).toBe(true);
  });

  test("messages are understood", () => {
    const find = (subject: string) => {
      const commit = commits.find(({ metadata }) => metadata.message.startsWith(subject));
      if (!commit) throw new Error(`no commit ${subject}`);
      return commit;
    };
    expect(find("Revert").metadata.is_revert).toBe(true);
    expect(find("fixup!").metadata).toMatchObject({
      is_fixup: true,
      is_squash: false,
      is_revert: false,
    });
    expect(find("squash!").metadata).toMatchObject({ is_fixup: false, is_squash: true });
    const { related_commits, related_issues } = find("Follow").context;
    expect(related_issues).toEqual(["#12", "owner/name#34", "#5"]);
    expect(related_commits).toHaveLength(1);
    expect(find("Follow").metadata.message).toContain(related_commits[0]?.slice(0, 9));
    expect(find("Café").metadata).toMatchObject({
      author: "André",
      message_body: "naïve\n",
      encoding: "ISO-8859-1",
    });
    expect(find("Café").metadata).not.toHaveProperty("message_bytes");
    expect(find("bad\ufffd").metadata.message_bytes).toBe(
      Buffer.from("bad\xff\n", "latin1").toString("base64"),
    );
    expect(find("Wrong encoding \ufffd").metadata.encoding).toBeNull();
  });

  test("context and totals add up", () => {
    for (const { metadata, diffs, context } of commits) {
      expect(metadata.files_changed).toBe(diffs.length);
      expect(context.total_lines_changed).toBe(metadata.insertions + metadata.deletions);
      expect(context.file_count).toBe(diffs.length);
      expect(context.is_high_risk).toBe(context.complexity_score >= 0.7);
      expect(context.directories).toEqual([...new Set(context.directories)].sort());
      const parent = commits.find((other) => other.metadata.hash === metadata.parents[0]);
      expect(context.seconds_since_parent).toBe(
        parent ? metadata.commit_timestamp_unix - parent.metadata.commit_timestamp_unix : null,
      );
    }
    const sum = (value: (commit: Commit) => number) =>
      commits.reduce((total, commit) => total + value(commit), 0);
    expect(metadata).toMatchObject({
      repository: "repository",
      total_commits: commits.length,
      merge_commits: commits.filter(({ metadata }) => metadata.parents.length > 1).length,
      total_insertions: sum(({ metadata }) => metadata.insertions),
      total_deletions: sum(({ metadata }) => metadata.deletions),
      refs_scope: "all",
      is_shallow: false,
    });
    expect(metadata.branches).toContain("--output=pwned");
  });
});

/** Exact bytes of a text, in latin1. */
const exact = (text: string, bytes: string | undefined) =>
  Buffer.from(bytes ?? text, bytes === undefined ? "utf8" : "base64").toString("latin1");

type Diff = Commit["diffs"][number];

const numstat = (diff: Diff) => [
  diff.is_binary ? "-" : String(diff.additions),
  diff.is_binary ? "-" : String(diff.deletions),
  ...(diff.old_filename === null ? [] : [diff.old_filename]),
  diff.filename,
];

/** Entries of `--numstat -z`: counts and a name, or, for a rename, an empty one and two names. */
function parseNumstat(record: string): string[][] {
  const parts = record.replace(/^\0?\n?/, "").split("\0");
  const entries: string[][] = [];
  for (let at = 0; at < parts.length - 1; at += 1) {
    const [added = "", deleted = "", name = ""] = (parts[at] ?? "").split(/\t(.*?)\t/s);
    if (added === "") continue;
    if (name !== "") entries.push([added, deleted, name]);
    else {
      entries.push([added, deleted, parts[at + 1] ?? "", parts[at + 2] ?? ""]);
      at += 2;
    }
  }
  return entries;
}
