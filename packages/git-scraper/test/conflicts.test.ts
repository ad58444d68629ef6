import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { openRepository } from "@repotune/git";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, test, vi } from "vitest";
import { ConflictFinder } from "../src/merge/conflicts.ts";
import { assertRepeatsMerges } from "../src/merge/merge-tree-version.ts";

const numbers = (changes: Record<number, string> = {}) =>
  Array.from({ length: 30 }, (_, index) => `${changes[index] ?? index}\n`).join("");

/** Branches that conflict with one another in every way there is, and `clean`, which does not. */
function repositoryWithBranches(): TestRepository {
  const repository = gitRepository();
  const odd: [Buffer, string][] = [[Buffer.from('tab\t"nl\n\xff', "latin1"), "x\n"]];
  const base = repository.commit("Base", [
    ...odd,
    ["text", numbers()],
    ["binary", "a\0b"],
    ["moved", numbers({ 1: "moved" })],
    ["gone", numbers({ 1: "gone" })],
    ["folder/a", numbers({ 1: "a" })],
    ["folder/b", numbers({ 1: "b" })],
    ["apart", numbers({ 1: "apart" })],
  ]);
  const branch = (name: string, files: Parameters<TestRepository["commit"]>[1]) => {
    repository.checkout(base);
    repository.commit(name, files);
    repository.branch(name);
  };
  branch("one", [
    ...odd.map(([name]): [Buffer, string] => [name, "one\n"]),
    ["text", numbers({ 10: "one" })],
    ["binary", "a\0one"],
    ["moved", null],
    ["moved-one", numbers({ 1: "moved" })],
    ["gone", null],
    ["new", "one\n"],
    ["place", "a file\n"],
    ["folder/a", null],
    ["folder/b", null],
    ["other/a", numbers({ 1: "a" })],
    ["other/b", numbers({ 1: "b" })],
    ["apart", numbers({ 1: "apart", 3: "one" })],
  ]);
  branch("two", [
    ...odd.map(([name]): [Buffer, string] => [name, "two\n"]),
    ["text", numbers({ 10: "two" })],
    ["binary", "a\0two"],
    ["moved", null],
    ["moved-two", numbers({ 1: "moved" })],
    ["gone", numbers({ 1: "gone", 2: "changed" })],
    ["new", "two\n"],
    ["place/file", "a folder\n"],
    ["folder/c", "c\n"],
    ["apart", numbers({ 1: "apart", 25: "two" })],
  ]);
  branch("clean", { clean: "clean\n", apart: numbers({ 1: "apart", 15: "clean" }) });
  return repository;
}

/** Files that a real merge leaves unmerged, less the side that git adds to the name of some. */
function mergeForReal(repository: TestRepository, ours: string, theirs: string): string[] {
  const folder = join(
    repository.path,
    "..",
    `work-${readdirSync(join(repository.path, "..")).length}`,
  );
  repository.git("worktree", "add", "--quiet", "--detach", folder, ours);
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=A", "-c", "user.email=a@b", ...args], { cwd: folder })
      .stdout;
  git("merge", "--quiet", "--no-edit", "--no-ff", theirs);
  const names = git("diff", "--name-only", "--diff-filter=U", "-z").toString("latin1");
  const own = names.split("\0").map((name) => name.replace(/~(HEAD|one|two)$/, ""));
  return own.slice(0, -1).sort();
}

async function withFinder<T>(
  repository: TestRepository,
  use: (finder: ConflictFinder, gitDir: string) => Promise<T>,
): Promise<T> {
  const source = await openRepository(repository.path);
  try {
    const finder = await ConflictFinder.open(source);
    const result = await use(finder, source.gitDir);
    await finder.close();
    return result;
  } finally {
    await source.close();
  }
}

const asText = (paths: Buffer[] | undefined) => paths?.map((path) => path.toString("latin1"));
const id = (repository: TestRepository, name: string) => repository.git("rev-parse", name);

test("the files that conflict are those of a real merge", async () => {
  const repository = repositoryWithBranches();
  const names = ["one", "two", "clean", "main"];
  const pairs = names.flatMap((ours) => names.map((theirs) => [ours, theirs] as const));
  const found = await withFinder(repository, (finder) =>
    Promise.all(
      pairs.map(([ours, theirs]) =>
        finder.conflictedFiles(id(repository, ours), id(repository, theirs)),
      ),
    ),
  );
  for (const [index, [ours, theirs]] of pairs.entries()) {
    const real = mergeForReal(repository, ours, theirs);
    expect(asText(found[index]), `${ours} ${theirs}`).toEqual(real);
    if (ours === "one" && theirs === "two") expect(real.length).toBeGreaterThan(7);
  }
}, 30_000);

test("what git cannot merge costs that merge only", async () => {
  const repository = repositoryWithBranches();
  const [one, two, clean] = ["one", "two", "clean"].map((name) => id(repository, name)) as [
    string,
    string,
    string,
  ];
  const alone = repository.commit("Alone", { a: "1\n" }, { parents: [] });
  const lost = repository.commit("Lost", { text: numbers({ 10: "lost" }) }, { parents: [two] });
  repository.removeObject(id(repository, `${lost}:text`));
  const never = "1".repeat(40);
  const conflicts = mergeForReal(repository, one, two);
  const asked: [string, string, string[] | undefined][] = [
    [one, two, conflicts],
    [one, alone, undefined],
    [one, clean, []],
    [one, lost, undefined],
    [never, one, undefined],
    [one, two, conflicts],
    [id(repository, `${one}^{tree}`), one, undefined],
    [clean, one, []],
  ];
  await withFinder(repository, async (finder) => {
    const answers = asked.map(([ours, theirs]) => finder.conflictedFiles(ours, theirs));
    expect((await Promise.all(answers)).map(asText)).toEqual(asked.map(([, , paths]) => paths));
    // One at a time as well.
    for (const [ours, theirs, paths] of asked) {
      expect(asText(await finder.conflictedFiles(ours, theirs))).toEqual(paths);
    }
  });
});

test("a crash of git costs the merge it crashed over only", async () => {
  const repository = repositoryWithBranches();
  const [one, two] = [id(repository, "one"), id(repository, "two")];
  const asked = [one, two, one, two, one].map(
    (ours, index) => [ours, index % 2 ? one : two] as const,
  );
  // In git's place: it dies, as if by a fault, over each list of merges that has `two two`.
  const folder = join(repository.path, "..", "bin");
  const places = (process.env.PATH ?? "").split(delimiter).map((place) => join(place, "git"));
  const git = places.find((place) => existsSync(place));
  mkdirSync(folder);
  writeFileSync(
    join(folder, "git"),
    `#!/bin/sh
case " $* " in *" merge-tree "*)
  merges=
  while read -r merge; do merges="$merges$merge
"; done
  case "$merges" in *"${two} ${two}"*) kill -9 $$ ;; esac
  printf '%s' "$merges" | ${git} "$@"
  exit ;;
esac
exec ${git} "$@"
`,
    { mode: 0o755 },
  );
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  try {
    await withFinder(repository, async (finder) => {
      const answers = await Promise.all([
        ...asked.map(([ours, theirs]) => finder.conflictedFiles(ours, theirs)),
        finder.conflictedFiles(two, two),
        ...asked.map(([ours, theirs]) => finder.conflictedFiles(ours, theirs)),
      ]);
      expect(answers[5]).toBeUndefined();
      for (const [index, answer] of answers.entries()) {
        if (index !== 5) expect(answer?.length).toBeGreaterThan(7);
      }
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

/** Every file of a folder, however deep, with its content. */
function filesIn(folder: string): [path: string, content: string][] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return paths.sort().map((path) => [path, readFileSync(path, "base64")]);
}

test("nothing is written into the repository, and what merges write is removed", async () => {
  const repository = repositoryWithBranches();
  const [one, two] = [id(repository, "one"), id(repository, "two")];
  const before = filesIn(repository.gitDir);
  await withFinder(repository, async (finder, shadow) => {
    const shadowBefore = filesIn(shadow);
    expect(await finder.conflictedFiles(one, two)).not.toHaveLength(0);
    await finder.conflictedFiles(two, one); // Its process starts once the first one's is cleared.
    await expect.poll(() => filesIn(shadow)).toEqual(shadowBefore);
  });
  expect(filesIn(repository.gitDir)).toEqual(before);
});

test("merge drivers and hooks of the repository do not run", async () => {
  const repository = repositoryWithBranches();
  const marker = join(repository.path, "..", "fired");
  repository.git("config", "merge.trap.driver", `: > ${marker}; exit 0`);
  repository.git("config", "merge.default", "trap");
  repository.git("config", "merge.renames", "false");
  writeFileSync(join(repository.gitDir, "info", "attributes"), "* merge=trap\n");
  repository.commit("Attributes", { ".gitattributes": "* merge=trap\n" });
  const found = await withFinder(repository, (finder) =>
    finder.conflictedFiles(id(repository, "one"), id(repository, "two")),
  );
  expect(asText(found)).toContain("text");
  expect(existsSync(marker)).toBe(false);
  mergeForReal(repository, "one", "two");
  expect(existsSync(marker)).toBe(true); // The trap is one.
});

test("what is no id is an error, and so is a finder that is closed", async () => {
  const repository = repositoryWithBranches();
  const one = id(repository, "one");
  await withFinder(repository, async (finder) => {
    await expect(finder.conflictedFiles(one, "--output=x")).rejects.toThrow(/not a sha1 object id/);
    const open = expect(finder.conflictedFiles(one, one)).rejects.toThrow(/closed/);
    await finder.close();
    await open;
    await expect(finder.conflictedFiles(one, one)).rejects.toThrow(/closed/);
  });
});

test("a git that cannot repeat merges is named with what is needed", () => {
  expect(() => assertRepeatsMerges("git version 2.38.4")).toThrow("git 2.38 cannot repeat merges.");
  expect(() => assertRepeatsMerges("git version 2.39.0")).not.toThrow();
  expect(() => assertRepeatsMerges("git version 3.0.rc1 (Apple Git-1)")).not.toThrow();
});
