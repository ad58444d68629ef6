import { openRepository } from "@repotune/git";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { type DiffOptions, diffTree, END_MARKER } from "../src/diff/command.ts";
import { type CommitChanges, DiffParser, type FileChange } from "../src/diff/diff-parser.ts";
import { DiffPool } from "../src/diff/diff-pool.ts";
import { DiffRequests } from "../src/diff/request.ts";
import { readHistory } from "../src/history/read-history.ts";
import { parseRefSelection } from "../src/history/ref-selection.ts";
import { listRefs } from "../src/history/refs.ts";

const limits = { maxPatchBytes: 1 << 20, maxCommitBytes: 1 << 20 };
const combined: DiffOptions = { merges: "combined", copies: false };

const numbers = (from: number, to: number, changes: Record<number, string> = {}) =>
  Array.from({ length: to - from }, (_, index) => `${changes[from + index] ?? from + index}\n`);
const text = (...args: Parameters<typeof numbers>) => numbers(...args).join("");

/** Merges of two and of three branches that change everything a file has. */
function repositoryWithMerges(): { repository: TestRepository; merges: string[] } {
  const repository = gitRepository();
  const odd = 'q\t"uo\nte é';
  const base = repository.commit("Base", {
    text: text(1, 40),
    renamed: text(100, 150),
    same: text(300, 330),
    binary: "a\0b",
    [odd]: "x\n",
    mode: "m\n",
    kind: text(200, 240),
    gone: "gone\n",
  });
  const branch = (name: string, files: Parameters<TestRepository["commit"]>[1]) => {
    repository.checkout(base);
    const id = repository.commit(name, files);
    repository.branch(name);
    return id;
  };
  const one = branch("one", {
    text: text(1, 40, { 5: "five", 20: "twenty, one" }),
    renamed: null,
    "renamed-one": text(100, 150, { 110: "one" }),
    binary: "a\0c",
    [odd]: "y\n",
    kind: text(200, 240, { 205: "one" }),
    gone: "gone one\n",
    new: "new one\n",
  });
  const two = branch("two", {
    text: text(1, 40, { 20: "twenty, two", 30: "= end" }),
    renamed: null,
    "renamed-two": text(100, 150, { 120: "two" }),
    binary: "a\0d",
    [odd]: "z\n",
    kind: text(200, 240, { 205: "two" }),
    gone: "gone two\n",
    new: "new two",
  });
  const three = branch("three", { text: text(1, 40, { 10: "@@@ -1 -1 +1 @@@" }), new: "\n" });
  const result = {
    text: text(1, 40, { 6: "--- evil", 10: "+ ten", 20: "diff --combined text" }),
    renamed: text(100, 150, { 130: "merged" }),
    "renamed-one": null,
    same: null,
    "same-but-moved": text(300, 330),
    binary: "a\0e",
    [odd]: "m\n",
    mode: { content: "m\n", mode: "100755" as const },
    kind: { symlink: "text" },
    gone: null,
    new: "new at last",
    "-evil": "-\n+\n",
  };
  const merge = (...parents: string[]) => repository.commit("Merge", result, { parents });
  const merges = [merge(one, two), merge(one, two, three), merge(three, two, one), merge(two, one)];
  for (const [index, id] of merges.entries()) repository.branch(`merge-${index}`, id);
  repository.checkout("merge-0");
  return { repository, merges };
}

function parse(output: Buffer, pieceBytes: number): CommitChanges[] {
  const commits: CommitChanges[] = [];
  const parser = new DiffParser(limits, (changes) => commits.push(changes));
  for (let at = 0; at < output.length; at += pieceBytes) {
    parser.push(output.subarray(at, at + pieceBytes));
  }
  parser.end();
  return commits;
}

const outputFor = (repository: TestRepository, ids: string[], options: DiffOptions) =>
  repository.gitBytes(diffTree(options), ids.map((id) => `${id}\n${END_MARKER}\n`).join(""));

/** Patches of a merge as `git show` prints them: no line of content starts like a section. */
function shownPatches(repository: TestRepository, id: string): string[] {
  const flags = ["--format=", "-M50%", "--full-index", "--combined-all-paths"];
  const shown = repository
    .gitBytes(["-c", "core.quotePath=off", "show", "-c", ...flags, id])
    .toString("latin1");
  return shown.split(/^(?=diff --combined )/m).filter((patch) => patch.startsWith("diff"));
}

/** Lines of a combined patch with a sign in one of its columns, by columns alone. */
function countSigned(patch: string, parents: number, sign: string): number {
  const lines = patch.slice(patch.search(/^@@@/m)).split("\n");
  return lines.filter((line) => line[0] !== "@" && line.slice(0, parents).includes(sign)).length;
}

test("a combined diff has what git shows, for two parents and for more", () => {
  const { repository, merges } = repositoryWithMerges();
  const changes = parse(outputFor(repository, merges, combined), 1 << 16);
  for (const [index, id] of merges.entries()) {
    const parents = repository.git("rev-parse", `${id}^@`).split("\n").length;
    const files = changes[index]?.files ?? [];
    const withPatch = files.filter((file) => file.patch.length > 0);
    expect(withPatch.map((file) => file.patch.toString("latin1"))).toEqual(
      shownPatches(repository, id),
    );
    for (const { patch, additions, deletions } of withPatch) {
      const shown = patch.toString("latin1");
      const hasHunks = /^@@@/m.test(shown);
      expect(additions, shown).toBe(hasHunks ? countSigned(shown, parents, "+") : 0);
      expect(deletions, shown).toBe(hasHunks ? countSigned(shown, parents, "-") : 0);
    }
    // Against the first parent, the record says what a plain diff says of the same file.
    const plain = parse(outputAgainstFirst(repository, id), 1 << 16)[0]?.files ?? [];
    for (const file of files) {
      const same = plain.find((other) => other.path.equals(file.path));
      expect(sides(file)).toEqual(same && sides(same));
      expect(file.otherOldBlobs).toHaveLength(parents - 1);
    }
  }
});

/** The merge against its first parent only. */
const outputAgainstFirst = (repository: TestRepository, id: string) => {
  const request = `${id} ${repository.git("rev-parse", `${id}^1`)}\n${END_MARKER}\n`;
  return repository.gitBytes(diffTree({ merges: "first-parent", copies: false }), request);
};

const sides = ({ status, oldMode, newMode, oldBlob, newBlob, path, oldPath }: FileChange) => ({
  ...{ status, oldMode, newMode, oldBlob, newBlob },
  ...{ path: path.toString(), oldPath: oldPath?.toString() },
});

test("a combined diff names both paths of a rename, and a rename alone has no patch", () => {
  const { repository, merges } = repositoryWithMerges();
  const [changes] = parse(outputFor(repository, merges.slice(0, 1), combined), 1 << 16);
  const byPath = new Map(changes?.files.map((file) => [file.path.toString(), file]));
  expect(byPath.get("renamed")).toMatchObject({ status: "R", similarity: undefined });
  expect(byPath.get("renamed")?.oldPath?.toString()).toBe("renamed-one");
  expect(byPath.get("renamed")?.patch.toString()).toContain("--- a/renamed-two\n");
  expect(byPath.get("same-but-moved")?.oldPath?.toString()).toBe("same");
  expect(byPath.get("same-but-moved")?.patch).toHaveLength(0);
  expect(byPath.get("binary")?.isBinary).toBe(true);
  expect(byPath.get("kind")).toMatchObject({ status: "T", additions: 1, deletions: 41 });
});

test("the pieces in which a combined diff arrives make no difference", () => {
  const { repository, merges } = repositoryWithMerges();
  const output = outputFor(repository, merges, combined);
  const whole = parse(output, output.length);
  for (let pieceBytes = 1; pieceBytes < 80; pieceBytes += 1) {
    expect(parse(output, pieceBytes), `pieces of ${pieceBytes} bytes`).toEqual(whole);
  }
});

test("a combined diff that is none of git's is an error", () => {
  const { repository, merges } = repositoryWithMerges();
  const output = outputFor(repository, merges.slice(0, 1), combined).toString("latin1");
  const garbled = (from: string | RegExp, to: string) => {
    const bytes = Buffer.from(output.replace(from, to), "latin1");
    return () => parse(bytes, 64);
  };
  expect(garbled("\n++diff", "\n+-diff")).toThrow(/"\+-diff --combined text/);
  expect(garbled(/^@@@ .*? @@@/m, "@@@ -1,2 +1,2 @@@")).toThrow(/something unexpected/);
  expect(garbled("diff --combined text", "diff --combined other")).toThrow(/without a raw line/);
  expect(garbled(/^::\d+ /m, "::")).toThrow(/something unexpected/);
});

/** Every commit's changes by way of the pool, in the history's order. */
async function poolChanges(repository: TestRepository, options: DiffOptions) {
  const source = await openRepository(repository.path);
  try {
    const { graph } = await readHistory(source, await listRefs(source, parseRefSelection("all")));
    const commits = Int32Array.from({ length: graph.size }, (_, index) => index);
    const requests = new DiffRequests(graph, commits, options.merges);
    const pool = new DiffPool(source, requests, { ...limits, ...options, diffProcesses: 2 });
    const all = new Map<string, CommitChanges | undefined>();
    for (const index of commits) {
      const changes = await pool.take();
      all.set(graph.id(index), "files" in changes ? changes : undefined);
    }
    await pool.close();
    return { all, unreadable: pool.unreadable };
  } finally {
    await source.close();
  }
}

test("merges have no diffs if none are wanted, and other commits the same as ever", async () => {
  const { repository, merges } = repositoryWithMerges();
  const first = await poolChanges(repository, { merges: "first-parent", copies: false });
  const both = await poolChanges(repository, combined);
  const none = await poolChanges(repository, { merges: "none", copies: false });
  for (const [id, changes] of first.all) {
    const isMerge = merges.includes(id);
    expect(none.all.get(id)).toEqual(isMerge ? { commit: id, files: [], keptBytes: 0 } : changes);
    if (!isMerge) expect(both.all.get(id)).toEqual(changes);
  }
});

test("a blob that only a combined diff reads may be missing", async () => {
  const { repository, merges } = repositoryWithMerges();
  const before = await poolChanges(repository, combined);
  const missing = repository.git("rev-parse", "two:text");
  repository.removeObject(missing);
  const { all, unreadable } = await poolChanges(repository, combined);
  expect([...unreadable.blobs.keys()]).toEqual([missing]);
  expect(unreadable.commits.size).toBe(0);
  const files = (id: string | undefined, changes: typeof all) =>
    changes.get(id ?? "")?.files.map(({ path, patch }) => `${path} ${patch}`);
  const [merge] = merges;
  const text = all.get(merge ?? "")?.files.find(({ path }) => path.toString() === "text");
  expect(text).toMatchObject({ isBinary: true, otherOldBlobs: [missing] });
  const others = (list: string[] = []) => list.filter((line) => !line.startsWith("text "));
  expect(others(files(merge, all))).toEqual(others(files(merge, before.all)));
});
