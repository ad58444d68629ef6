import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, onTestFinished, test } from "vitest";
import { openRepository, resolveCommit } from "../src/index.ts";

async function opened(source: TestRepository) {
  const repository = await openRepository(source.path);
  onTestFinished(() => repository.close());
  return repository;
}

function history() {
  const source = gitRepository();
  const first = source.commit("Say one", { "a.txt": "1\n" });
  source.git("tag", "-a", "-m", "One", "v1");
  source.git("branch", "feature/one");
  const second = source.commit("Say two", { "a.txt": "2\n" });
  return { source, first, second };
}

test("takes what git takes", async () => {
  const { source, first, second } = history();
  const repository = await opened(source);
  for (const revision of [first, first.slice(0, 8), "v1", "feature/one", "HEAD~", "HEAD^1"]) {
    expect(await resolveCommit(repository, revision), revision).toBe(first);
  }
  expect(await resolveCommit(repository, "HEAD")).toBe(second);
});

test.each(["feature/on", "--all", "-1", "a\0b", "a\nb", "", "HEAD~9", "HEAD:a.txt"])(
  "refuses %j",
  async (revision) => {
    const { source } = history();
    await expect(resolveCommit(await opened(source), revision)).rejects.toMatchObject({
      code: "E_NOT_FOUND",
    });
  },
);

test("names what is near", async () => {
  const { source, first } = history();
  const repository = await opened(source);
  await expect(resolveCommit(repository, "feature/on")).rejects.toMatchObject({
    hint: "Near are: feature/one.",
  });
  const wrong = `${first.slice(0, 6)}${first[6] === "0" ? 1 : 0}`;
  await expect(resolveCommit(repository, wrong)).rejects.toMatchObject({
    hint: `Near are: ${first.slice(0, 12)} (Say one).`,
  });
});

test("names all commits that may be meant", async () => {
  const source = gitRepository();
  const ids = new Map<string, string>();
  // Some two of so many ids begin with the same four digits, as birthdays go: 700²/2 pairs of 65,536.
  for (let count = 0; ; count += 1) {
    const id = source.writeObject("commit", commitObject(source, `Say ${count}`));
    const digits = id.slice(0, 4);
    const other = ids.get(digits);
    ids.set(digits, id);
    if (other === undefined) continue;
    await expect(resolveCommit(await opened(source), digits)).rejects.toMatchObject({
      code: "E_USAGE",
      message: expect.stringContaining(`2 commits of ${source.path} begin with "${digits}"`),
      hint: expect.stringContaining(`${id.slice(0, 12)} (Say ${count})`),
    });
    return;
  }
});

function commitObject(source: TestRepository, message: string): Buffer {
  const person = "Ada <ada@example.com> 1767225600 +0000";
  const tree = source.git("hash-object", "-t", "tree", "-w", "/dev/null");
  return Buffer.from(`tree ${tree}\nauthor ${person}\ncommitter ${person}\n\n${message}\n`);
}
