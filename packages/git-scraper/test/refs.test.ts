import { openRepository } from "@repotune/git";
import { isStageError } from "@repotune/schema";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { readHistory } from "../src/history/read-history.ts";
import { parseRefSelection } from "../src/history/ref-selection.ts";
import { listRefs } from "../src/history/refs.ts";

/** What a selection reads, through the whole way from its text. */
async function read({ path }: TestRepository, text: string) {
  const repository = await openRepository(path);
  try {
    const selection = parseRefSelection(text);
    const refs = await listRefs(repository, selection);
    const { graph, missingParents } = await readHistory(repository, refs, selection);
    const commits = Array.from({ length: graph.size }, (_, index) => graph.id(index));
    const parents = commits.map((_, index) => [...graph.parents(index)]);
    return { ...refs, names: refs.refs.map(({ name }) => name), commits, parents, missingParents };
  } finally {
    await repository.close();
  }
}

/** What plain git reads. */
const revList = (repository: TestRepository, ...args: string[]) => {
  const text = repository.git("rev-list", "--date-order", "--reverse", ...args);
  return text === "" ? [] : text.split("\n");
};

const failure = (text: string) => {
  try {
    parseRefSelection(text);
  } catch (error) {
    if (isStageError(error)) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  return undefined;
};

/** Branches, remote branches, tags and other refs, each with a commit of its own; HEAD is main. */
function manyRefs(): TestRepository {
  const repository = gitRepository();
  const base = repository.commit("Base");
  const names = [
    ...[
      "heads/release/1.0",
      "heads/release/2/rc",
      "heads/releases",
      "heads/topic",
      "heads/release-x",
    ],
    ...[
      "remotes/origin/main",
      "remotes/release/far",
      "tags/release/1.0",
      "tags/v1.0",
      "pull/7/head",
    ],
    ...["heads/--output=pwned", "heads/a,b", "heads/caf\u00e9/one", "heads/UP"],
  ];
  for (const name of names) {
    repository.git("update-ref", `refs/${name}`, repository.commit(name, {}, { parents: [base] }));
  }
  repository.git(
    "update-ref",
    "refs/heads/main",
    repository.commit("Main", {}, { parents: [base] }),
  );
  repository.tag("release/annotated", { at: "refs/heads/topic", message: "Annotated" });
  repository.git("update-ref", "refs/tags/release/blob", repository.writeObject("blob", "blob"));
  return repository;
}

test("a pattern takes what git's own --branches, --remotes and --tags take by it", async () => {
  const repository = manyRefs();
  const patterns = ["release/*", "rel*", "release/?.0", "*", "[a-r]*", "[!a-r]*", "*/*", "v[0-9]*"];
  for (const pattern of [
    ...patterns,
    "caf\u00e9/*",
    "caf??/*",
    "release*/*[[:digit:]]",
    "UP*",
    "up*",
  ]) {
    const options = ["branches", "remotes", "tags"].map((name) => `--${name}=${pattern}`);
    const expected = revList(repository, ...options);
    if (expected.length === 0) {
      await expect(read(repository, pattern)).rejects.toMatchObject({ code: "E_NOT_FOUND" });
    } else {
      expect((await read(repository, pattern)).commits, pattern).toEqual(expected);
    }
  }
});

test("a pattern that begins with refs/ takes what git's --glob takes", async () => {
  const repository = manyRefs();
  for (const pattern of ["refs/heads/rel*", "refs/*/release/*", "refs/p*", "refs/*", "refs/pull"]) {
    const expected = revList(repository, `--glob=${pattern}`);
    expect(expected.length).toBeGreaterThan(1);
    expect((await read(repository, pattern)).commits, pattern).toEqual(expected);
  }
});

test("a pattern without wildcards is a name, or a folder of names", async () => {
  const repository = manyRefs();
  expect((await read(repository, "main")).names).toEqual(["refs/heads/main"]);
  expect((await read(repository, "refs/heads/topic")).names).toEqual(["refs/heads/topic"]);
  expect((await read(repository, "--output=pwned")).names).toEqual(["refs/heads/--output=pwned"]);
  expect((await read(repository, "a\\,b")).names).toEqual(["refs/heads/a,b"]);
  expect((await read(repository, "release/")).names).toEqual([
    "refs/heads/release/1.0",
    "refs/heads/release/2/rc",
    "refs/remotes/release/far",
    "refs/tags/release/1.0",
    "refs/tags/release/annotated",
  ]);
});

test("what is excluded is left out, whatever the order", async () => {
  const repository = manyRefs();
  const git = (...excluded: string[]) =>
    revList(repository, ...excluded.map((pattern) => `--exclude=${pattern}`), "--all");
  expect((await read(repository, "!refs/pull/*")).commits).toEqual(git("refs/pull/*"));
  const both = git("refs/heads/rel*", "refs/remotes/rel*", "refs/tags/rel*", "refs/pull/*");
  expect((await read(repository, "^rel*, all, !refs/pull")).commits).toEqual(both);
  expect((await read(repository, "!refs/pull/*,rel*,!release/*")).names).toEqual([
    "refs/heads/release-x",
    "refs/heads/releases",
  ]);
});

test("HEAD comes with a scope, goes with its branch, and is left out of patterns", async () => {
  const repository = manyRefs();
  const head = repository.git("rev-parse", "HEAD");
  for (const scope of ["all", "branches", "heads", "head", "HEAD", "mainline", "topic,head"]) {
    expect((await read(repository, scope)).head, scope).toBe(head);
  }
  expect((await read(repository, "topic")).head).toBeUndefined();
  const { commits, currentBranch } = await read(repository, "heads,!main");
  expect(commits).not.toContain(head);
  expect(currentBranch).toBe("refs/heads/main");
});

test("names of refs may be any bytes", async () => {
  const repository = gitRepository();
  repository.commit("Base");
  const name = Buffer.from("refs/heads/caf\xe9/x", "latin1");
  const id = repository.git("rev-parse", "HEAD");
  repository.gitBytes(
    ["update-ref", "--stdin", "-z"],
    Buffer.concat([Buffer.from("create "), name, Buffer.from(`\0${id}\0`)]),
  );
  expect((await read(repository, "caf?/*")).names).toEqual(["refs/heads/caf\ufffd/x"]);
  await expect(read(repository, "caf\u00e9/*")).rejects.toMatchObject({
    code: "E_NOT_FOUND",
    hint: "Near are: caf\ufffd/x.",
  });
});

test("what matches nothing is refused, with names that are near", async () => {
  const repository = manyRefs();
  await expect(read(repository, "relase/1.0")).rejects.toMatchObject({
    code: "E_NOT_FOUND",
    message: 'No ref that leads to a commit matches --refs "relase/1.0".',
    hint: "Near are: release/1.0.",
  });
  await expect(read(repository, "mainlin")).rejects.toMatchObject({
    hint: expect.stringMatching(/^Near are: mainline/),
  });
  await expect(read(repository, "zzzzzzzzzzzz")).rejects.toMatchObject({
    hint: expect.stringContaining("all, branches, heads, head, mainline"),
  });
  // A ref to a blob is there, but is no history.
  await expect(read(repository, "refs/tags/release/blob")).rejects.toMatchObject({
    code: "E_NOT_FOUND",
  });
  expect((await read(repository, "main,master,topic")).unmatched).toEqual(["master"]);
});

test.each([
  ["", "names no refs"],
  [" , ", "names no refs"],
  ["!heads", "leaves out no refs"],
  ["all,!", "leaves out no refs"],
  ["main,[a-", "has a [ without its ]"],
  ["[[:letter:]]", "unknown class"],
])("the selection %j is refused", (text, reason) => {
  expect(failure(text)).toEqual({
    code: "E_USAGE",
    message: expect.stringContaining(reason),
    hint: expect.stringMatching(/./),
  });
});

test.each([
  ["all", "all"],
  ["heads, all ,main", "all"],
  ["HEAD", "head"],
  ["b,a,b,^x,!c", "a,b,!c,!x"],
  ["topic,head,mainline", "mainline,topic"],
  ["mainline,heads", "heads,mainline"],
  ["!x", "all,!x"],
  ["release/", "release"],
  ["a\\,b,c", "a\\,b,c"],
])("the selection %j reads as %j", (text, normal) => {
  const selection = parseRefSelection(text);
  expect(selection.text).toBe(normal);
  expect(parseRefSelection(normal)).toEqual(selection);
});

/** A main line with a merge of two commits from the side, and an octopus. */
function merges() {
  const repository = gitRepository();
  repository.commit("1");
  repository.branch("topic");
  repository.branch("other");
  repository.commit("2");
  repository.checkout("topic");
  const side = repository.commit("side");
  const sideTip = repository.commit("side tip");
  repository.checkout("main");
  const merge = repository.merge("topic");
  const other = repository.commit("other", {}, { parents: [repository.git("rev-parse", "other")] });
  repository.git("update-ref", "refs/heads/main", merge);
  repository.commit("octopus", {}, { parents: [merge, other, sideTip] });
  const tip = repository.commit("3");
  return { repository, side, sideTip, merge, tip };
}

test("the main line is what git reaches from HEAD by first parents", async () => {
  const { repository, sideTip, merge } = merges();
  const { commits, parents } = await read(repository, "mainline");
  expect(commits).toEqual(revList(repository, "--first-parent", "HEAD"));
  expect(commits).toHaveLength(5);
  // A merge is still one: its other parents are outside of the history.
  expect(parents[commits.indexOf(merge)]).toEqual([1, -1]);
  expect((await read(repository, "heads,mainline")).commits).toEqual(
    revList(repository, "--first-parent", "--branches"),
  );
  repository.checkout(sideTip);
  const detached = await read(repository, "mainline");
  expect(detached.commits).toEqual(revList(repository, "--first-parent", "HEAD"));
  expect(detached.currentBranch).toBeUndefined();
});

test("a HEAD without commits is no main line, and is named", async () => {
  const { repository } = merges();
  repository.git("symbolic-ref", "HEAD", "refs/heads/unborn");
  for (const scope of ["mainline", "head"]) {
    await expect(read(repository, scope)).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      message: `--refs "${scope}" leads to no commit: refs/heads/unborn has none.`,
      hint: "Give --refs all, or one of: main, other, topic.",
    });
  }
  expect((await read(repository, "all")).commits).toEqual(revList(repository, "--all"));
  expect((await read(gitRepository(), "mainline")).commits).toEqual([]);
});

test("on the main line only its own commits can be missing", async () => {
  const { repository, side, sideTip, tip } = merges();
  const whole = await read(repository, "mainline");
  repository.removeObject(side);
  repository.removeObject(sideTip);
  repository.git("update-ref", "-d", "refs/heads/topic");
  expect(await read(repository, "mainline")).toEqual(whole);
  const missing = whole.commits[1] as string;
  repository.removeObject(missing);
  const cut = await read(repository, "mainline");
  // Not the side: the merge's second parent does not take the place of the first.
  expect(cut.commits).toEqual(whole.commits.slice(2));
  expect(cut.missingParents).toEqual([{ child: whole.commits[2], parent: missing }]);
  expect(cut.commits.at(-1)).toBe(tip);
});
