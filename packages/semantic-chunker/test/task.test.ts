import { CHANGE_TYPES, UNIT_OPS } from "@repotune/schema";
import { type Files, gitRepository } from "@repotune/test-kit/git";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { describeCommit } from "../src/task/describe-commit.ts";
import type { TaskChunk } from "../src/task/task-unit.ts";
import { chunkRepository } from "./collect.ts";

/** The task of the last commit of a repository with these versions of files. */
async function taskOf(...versions: Files[]): Promise<string | undefined> {
  const repository = gitRepository();
  for (const files of versions) repository.commit("", files);
  const { chunks, commits } = await chunkRepository(repository);
  const tasks = chunks
    .filter(({ commit_hash }) => commit_hash === commits.at(-1)?.metadata.hash)
    .map(({ commit_metadata }) => commit_metadata.task);
  expect(new Set(tasks).size).toBe(1);
  return tasks[0];
}

const manifest = (dependencies = "") =>
  `[package]\nname = "energy_market"\n\n[dependencies]\n${dependencies}`;
const open = "pub fn open(id: u64) -> Dispute {\n    Dispute::at(id)\n}\n";
const resolve = "pub fn resolve(dispute: &Dispute) -> bool {\n    dispute.votes > 2\n}\n";
const tests =
  "#[cfg(test)]\nmod tests {\n    #[test]\n    fn resolve_needs_votes() {\n        assert!(!super::resolve(&open(1)));\n    }\n}\n";
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => `pub fn step_${n}() -> u64 {\n    ${n}\n}\n`).join("\n");

const lib = { "Cargo.toml": manifest(), "src/lib.rs": "pub mod disputes;\n" };

describe("a commit's task", () => {
  it.each<[string, Files[], string]>([
    [
      "what came, with its test, and what changed beside",
      [
        { ...lib, "src/disputes.rs": open },
        {
          "Cargo.toml": manifest('log = "1"\n'),
          "src/disputes.rs": `${open}\n${resolve}\n${tests}`,
        },
      ],
      "add `energy_market::disputes::resolve`, its test; change `Cargo.toml [dependencies]`",
    ],
    [
      "a type with its members, and no header of an impl",
      [
        { ...lib, "src/disputes.rs": open },
        {
          "src/disputes.rs": `${open}\npub struct Vote<'a>(&'a str);\n\nimpl<'a> Vote<'a> {\n    pub fn new(by: &'a str) -> Self {\n        Vote(by)\n    }\n}\n\nimpl std::fmt::Display for Vote<'_> {\n    fn fmt(&self) {}\n}\n`,
        },
      ],
      "add `energy_market::disputes::Vote`",
    ],
    [
      "a trait that is implemented",
      [
        { ...lib, "src/disputes.rs": "pub struct Vote(u8);\n" },
        {
          "src/disputes.rs":
            "pub struct Vote(u8);\n\nimpl std::fmt::Display for Vote {\n    fn fmt(&self) {}\n}\n",
        },
      ],
      "implement `Display` for `energy_market::disputes::Vote`",
    ],
    [
      "both names of what was renamed",
      [
        { ...lib, "src/disputes.rs": resolve },
        { "src/disputes.rs": resolve.replace("resolve", "settle") },
      ],
      "rename `resolve` to `energy_market::disputes::settle`",
    ],
    [
      "many of one module together",
      [{ ...lib, "src/disputes.rs": open }, { "src/disputes.rs": `${open}\n${many(40)}` }],
      "add `step_0`, `step_1`, `step_2`, `step_3` and 36 more in `energy_market::disputes`",
    ],
    [
      "imports only where nothing else changed",
      [{ ...lib, "src/disputes.rs": open }, { "src/disputes.rs": `use std::fs;\n\n${open}` }],
      "change imports of `src/disputes.rs`",
    ],
    [
      "layout only where nothing else changed",
      [
        { ...lib, "src/disputes.rs": open },
        { "src/disputes.rs": open.replace("    Dispute", "        Dispute") },
      ],
      "reformat `energy_market::disputes::open`",
    ],
    [
      "a folder that moved",
      [
        {
          "a/b/one.md": `# One\n\n${many(3)}`,
          "a/b/two.md": `# Two\n\n${many(4)}`,
          "x.md": "# X\n",
        },
        {
          "a/b/one.md": null,
          "a/b/two.md": null,
          "c/b/one.md": `# One\n\n${many(3)}`,
          "c/b/two.md": `# Two\n\n${many(4)}`,
          "x.md": "# X\n\nGo on.\n",
        },
      ],
      "move 2 files from `a` to `c`; change `X` in `x.md`",
    ],
    [
      "the same change of many files once",
      [
        Object.fromEntries(["a", "b", "c"].map((name) => [`${name}/Cargo.toml`, manifest()])),
        Object.fromEntries(
          ["a", "b", "c"].map((name) => [`${name}/Cargo.toml`, manifest('log = "1"\n')]),
        ),
      ],
      "change `[dependencies]` in 3 `Cargo.toml`",
    ],
    [
      "variants of one name once",
      [
        { ...lib, "src/disputes.rs": open },
        {
          "src/disputes.rs": `${open}\n#[cfg(unix)]\n${resolve}\n#[cfg(windows)]\n${resolve.replace("2", "3")}`,
        },
      ],
      "add `energy_market::disputes::resolve`",
    ],
    [
      "all traits of a type at once",
      [
        { ...lib, "src/disputes.rs": "pub struct Vote(u8);\n" },
        {
          "src/disputes.rs":
            "pub struct Vote(u8);\n\nimpl Clone for Vote {\n    fn clone(&self) {}\n}\n\nimpl Drop for Vote {\n    fn drop(&mut self) {}\n}\n",
        },
      ],
      "implement `Clone` and `Drop` for `energy_market::disputes::Vote`",
    ],
    [
      "a new file, and not that its module is declared",
      [
        { ...lib, "src/disputes.rs": open },
        { "src/lib.rs": "pub mod disputes;\npub mod steps;\n", "src/steps.rs": many(3) },
      ],
      "add `src/steps.rs`",
    ],
    [
      "tests by themselves",
      [
        { ...lib, "src/disputes.rs": resolve, "tests/votes.rs": "" },
        { "tests/votes.rs": "#[test]\nfn nobody_votes() {\n    assert!(true);\n}\n" },
      ],
      "add test `nobody_votes` in `tests/votes.rs`",
    ],
    [
      "files that were left out, after all else",
      [
        { ...lib, "src/disputes.rs": open, "Cargo.lock": "1\n", "package-lock.json": "1\n" },
        {
          "src/disputes.rs": `${open}\n${resolve}`,
          "Cargo.lock": "2\n",
          "package-lock.json": "2\n",
        },
      ],
      "add `energy_market::disputes::resolve`; also 2 lock files",
    ],
    [
      "no change log beside code",
      [
        { ...lib, "src/disputes.rs": open, "CHANGELOG.md": "# Changes\n" },
        {
          "src/disputes.rs": open.replace("at(id)", "of(id)"),
          "CHANGELOG.md": "# Changes\n\nMore.\n",
        },
      ],
      "change `energy_market::disputes::open`",
    ],
  ])("tells %s", async (_, versions, expected) => {
    expect(await taskOf(...versions)).toBe(expected);
  });

  it("stands beside the message", async () => {
    const repository = gitRepository();
    repository.commit("Let disputes be resolved", { "src/disputes.rs": resolve });
    const { chunks } = await chunkRepository(repository);
    expect(chunks[0]?.commit_metadata).toMatchObject({
      message: "Let disputes be resolved",
      task: "add `crate::disputes::resolve`",
    });
  });

  it("holds no secret that a name has", async () => {
    // In two pieces, so that no scanner takes this file for a leak.
    const token = ["ghp", "1B4a2e77838347a7E420ce178F2E7c6912E1"].join("_");
    expect(await taskOf({ [`notes/${token}.md`]: "Text\n" })).toBe(
      "add `notes/<SECRET:github-pat>.md`",
    );
    expect(await taskOf({ [`src/${token}.rs`]: resolve })).toBe(
      "add `crate::<SECRET:github-pat>::resolve`",
    );
    expect(
      await taskOf({ "a.md": `# Use ${token}\n` }, { "a.md": `# Use ${token}\n\nNow\n` }),
    ).toBe("change `Use <SECRET:github-pat>` in `a.md`");
  });
});

/** A unit such as no chunker would give, but a hostile repository may. */
function strangeUnit(random: Random): TaskChunk {
  const pick = <Item>(...items: [Item, ...Item[]]) => items[random.below(items.length)] ?? items[0];
  const word = () =>
    pick(
      "a",
      "b::c",
      "<T as U>",
      "<<<<",
      "`",
      "\n",
      "\x1b[2J",
      "\u202e",
      "…",
      "[x](y)",
      " as ",
      "💥",
      "\ud800",
      "src",
      "x".repeat(300),
      "",
    );
  const name = () => Array.from({ length: 1 + random.below(4) }, word).join("::");
  const op = pick(...UNIT_OPS);
  return {
    op,
    additions: random.below(100),
    deletions: random.below(100),
    change_category: pick<TaskChunk["change_category"]>("A", "M", "D", "R", "C", "T"),
    change_type: pick(...CHANGE_TYPES),
    file_path: pick("a.rs", "src/b.rs", "tests/c.rs", "d/e/f/g.md", name()),
    file_type: pick<TaskChunk["file_type"]>("source", "test", "documentation", "data"),
    function_name: pick(null, name()),
    is_cosmetic: random.below(5) === 0,
    kind: pick("function", "test", "impl", "struct", "use", "table", "section", "hunk"),
    module_path: pick(null, name()),
    old_file_path: pick(null, name()),
    old_name: name(),
    part: null,
    qualified_name: pick(null, name()),
    section: pick(null, name()),
  };
}

describe("a commit without chunks", () => {
  const leftOut = (
    reason: string,
    change_type: "A" | "D" | "M" | "R",
    filename = "data/a.bin",
  ) => ({
    diff: { change_type, filename, old_filename: change_type === "R" ? "old/a.bin" : null },
    reason,
  });

  it.each<[string, Parameters<typeof describeCommit>[1]]>([
    ["", []],
    ["", [leftOut("merge", "M")]],
    ["remove `data/a.bin`", [leftOut("binary", "D")]],
    ["change a binary file and a lock file", [leftOut("binary", "M"), leftOut("lock_file", "M")]],
    ["move `old/a.bin` to `data/a.bin`", [leftOut("no_text_change", "R")]],
    [
      "add `a.txt` and `b.txt`",
      ["a.txt", "b.txt"].map((name) => leftOut("no_text_change", "A", name)),
    ],
    ["change 2 files", ["a.sh", "b.sh"].map((name) => leftOut("no_text_change", "M", name))],
  ])("is %j", (expected, files) => {
    expect(describeCommit([], files)).toBe(expected);
  });
});

it("counts the files of a commit that is too large to be told as a whole", () => {
  const unit = {
    ...strangeUnit(seededRandom(1)),
    op: "added",
    change_category: "A",
    change_type: "documentation",
    file_type: "documentation",
    file_path: "docs/a.md",
    kind: "section",
    is_cosmetic: false,
  } as const;
  expect(describeCommit([unit], [], 3)).toBe("add `docs/a.md`; also 3 further files");
});

describe("whatever the units", () => {
  it("is one short line without control characters, the same each time", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2000; round += 1) {
      const units = Array.from({ length: 1 + random.below(12) }, () => strangeUnit(random));
      const text = describeCommit(units);
      expect(text.length).toBeGreaterThan(0);
      expect(text.length).toBeLessThanOrEqual(160);
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
      expect(describeCommit(units)).toBe(text);
    }
  });

  it("takes little time for ten thousand, and for long names", () => {
    const random = seededRandom(8);
    const many = Array.from({ length: 10_000 }, () => strangeUnit(random));
    // Each test is compared with each function, and is that of none.
    const long = many.slice(0, 128).map((unit, index) => {
      const isTest = index % 2 === 0;
      const name = `${(isTest ? "t" : "f").repeat(400_000)}${index}`;
      return {
        ...unit,
        op: "added" as const,
        change_type: isTest ? ("new_test" as const) : ("new_function" as const),
        change_category: "M" as const,
        kind: isTest ? "test" : "function",
        file_type: isTest ? ("test" as const) : ("source" as const),
        file_path: isTest ? "tests/several.rs" : "src/others.rs",
        function_name: name,
        qualified_name: `${"<".repeat(1000)}::${name}`,
      };
    });
    for (const units of [many, long]) {
      const before = process.cpuUsage();
      describeCommit(units);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1e6).toBeLessThan(2);
    }
  });
});
