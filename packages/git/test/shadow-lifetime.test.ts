import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { promisify } from "node:util";
import { gitRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, onTestFinished, test } from "vitest";
import { ObjectReader, openRepository } from "../src/index.ts";

/** Makes the system's folder for temporary files one of our own while the test runs. */
function privateTemporaryFolder(): string {
  const before = process.env.TMPDIR;
  const folder = temporaryFolder();
  process.env.TMPDIR = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  return folder;
}

test("the shadow is removed on close, twice if asked, and nothing can be asked afterwards", async () => {
  const source = gitRepository();
  source.commit("One");
  const repository = await openRepository(source.path);
  expect(existsSync(repository.gitDir)).toBe(true);
  await Promise.all([repository.close(), repository.close()]);
  expect(existsSync(repository.gitDir)).toBe(false);
  expect(() => repository.spawn(["version"])).toThrow(/is closed/);
  await expect(repository.text(["version"])).rejects.toThrow(/is closed/);
});

test("the shadow is removed when opening fails", async () => {
  const source = gitRepository();
  const folder = privateTemporaryFolder();
  source.git("config", "extensions.objectFormat", "sha3");
  await expect(openRepository(source.path)).rejects.toMatchObject({ code: "E_UNSUPPORTED" });
  expect(readdirSync(folder)).toEqual([]);
});

test("an abort ends processes and readers with E_INTERRUPTED and removes the shadow", async () => {
  const source = gitRepository();
  const id = source.commit("One");
  const abort = new AbortController();
  const repository = await openRepository(source.path, { signal: abort.signal });
  const reader = ObjectReader.open(repository);
  await reader.read(id);
  const waiting = repository.spawn(["cat-file", "--batch"]);
  const reading = (async () => {
    for await (const chunk of waiting.stdout) throw new Error(`unexpected ${chunk}`);
  })();
  abort.abort();
  await expect(reading).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  await expect(waiting.done).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  await expect(reader.read(id)).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(() => repository.spawn(["version"])).toThrow(/Interrupted/);
  await repository.close();
  expect(existsSync(repository.gitDir)).toBe(false);
  await expect(openRepository(source.path, { signal: abort.signal })).rejects.toMatchObject({
    code: "E_INTERRUPTED",
  });
});

test("a process that exits with a repository open leaves nothing behind", async () => {
  const source = gitRepository();
  source.commit("One");
  const folder = temporaryFolder();
  const program = `
    import { existsSync } from "node:fs";
    import { openRepository } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
    const repository = await openRepository(process.argv[1]);
    console.log(existsSync(repository.gitDir));
    process.exit(3);`;
  const args = ["--input-type=module", "--eval", program, source.path];
  const run = promisify(execFile)(process.execPath, args, {
    env: { ...process.env, TMPDIR: folder },
  });
  await expect(run).rejects.toMatchObject({ code: 3, stdout: "true\n" });
  expect(readdirSync(folder)).toEqual([]);
});

test("without git, or with one too old, the error says so", async () => {
  const source = gitRepository();
  const path = process.env.PATH;
  process.env.PATH = temporaryFolder();
  try {
    await expect(openRepository(source.path)).rejects.toMatchObject({
      code: "E_GIT",
      message: expect.stringContaining("no git"),
      hint: expect.stringContaining("2.32"),
    });
  } finally {
    process.env.PATH = path;
  }
});
