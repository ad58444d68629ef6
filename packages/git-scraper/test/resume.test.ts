import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { StageContext } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { beforeAll, describe, expect, test } from "vitest";
import { stage } from "../src/index.ts";

const bin = new URL("../bin.js", import.meta.url).pathname;

/** How many times a run is killed; more by hand. */
const KILLS = Number(process.env.REPOTUNE_KILLS ?? 4);

const run = (values: Record<string, unknown>, context: StageContext = {}) =>
  stage.run(readOptions(stage.options, values), context);

/** Some megabytes of history, with binary files that are renamed, a branch and a merge. */
function longRepository(folder: string): TestRepository {
  const repository = gitRepository({ folder });
  const { below } = seededRandom(1);
  const words = () => Array.from({ length: 1000 }, () => `word ${below(1e9)}\n`).join("");
  repository.commit("Binary", { "a.bin": Buffer.from("\0binary") });
  for (let number = 0; number < 160; number += 1) {
    const from = number % 2 === 0 ? "a.bin" : "b.bin";
    const to = number % 2 === 0 ? "b.bin" : "a.bin";
    repository.commit(`Commit ${number}`, {
      [`file ${number % 7}.rs`]: words(),
      [from]: null,
      [to]: Buffer.from("\0binary"),
    });
    if (number === 80) repository.checkout("side", { create: true });
    if (number === 90) repository.checkout("main");
  }
  repository.merge("side");
  return repository;
}

/** Every file of a folder by name. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), "latin1")]),
  );

describe.each(["commits.jsonl", "commits.json"])("%s", (name) => {
  let repo: string;
  let expected: Record<string, string>;

  beforeAll(async () => {
    process.env.SOURCE_DATE_EPOCH = "1735689600";
    const folder = mkdtempSync(join(tmpdir(), "repotune-resume-"));
    repo = longRepository(folder).path;
    const results = join(folder, "results");
    await run({ repo, output: join(results, name) });
    expected = contents(results);
    return () => {
      delete process.env.SOURCE_DATE_EPOCH;
      rmSync(folder, { recursive: true, force: true });
    };
  }, 60_000);

  test("a run that is killed again and again ends with the same bytes", async () => {
    const folder = temporaryFolder();
    const output = join(folder, name);
    const { uniform } = seededRandom(7);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = spawn(process.execPath, [bin, "--repo", repo, "--output", output], {
        stdio: "ignore",
      });
      const ended = new Promise((resolve) => child.on("close", resolve));
      await Promise.race([setTimeout(400 + uniform() * 1200), ended]);
      child.kill("SIGKILL");
      await ended;
      const finished = readdirSync(folder).filter((file) => !file.endsWith(".tmp"));
      // A file with a final name is whole, whenever the kill came.
      for (const file of finished) expect(contents(folder)[file] === expected[file]).toBe(true);
    }
    await run({ repo, output });
    const found = contents(folder);
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const file of Object.keys(expected)) {
      expect(found[file] === expected[file], file).toBe(true);
    }
  }, 120_000);

  test("a run that is stopped says how to go on, and goes on", async () => {
    const folder = temporaryFolder();
    const output = join(folder, name);
    const abort = new AbortController();
    const notices: string[] = [];
    const context: StageContext = {
      signal: abort.signal,
      onNotice: (notice) => notices.push(notice),
      onProgress: ({ done }) => {
        if (done === 60) abort.abort();
      },
    };
    await expect(run({ repo, output }, context)).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    expect(readdirSync(folder).every((file) => file.endsWith(".tmp"))).toBe(true);
    expect(notices.at(-1)).toBe("Run the same command again to go on where it stopped.");
    const again: string[] = [];
    let first = 0;
    await run(
      { repo, output },
      {
        onNotice: (notice) => again.push(notice),
        onProgress: ({ done }) => {
          first ||= done;
        },
      },
    );
    expect(again[0]).toBe("Going on after 60 commits of a run that was broken off.");
    expect(first).toBe(61);
    expect(contents(folder)).toEqual(expected);
  }, 60_000);

  test("what is left of a run is cut off where it is not whole, or not used at all", async () => {
    const stopped = temporaryFolder();
    const abort = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done === 60) abort.abort();
    };
    await expect(
      run({ repo, output: join(stopped, name) }, { signal: abort.signal, onProgress }),
    ).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    const [output = "", state = ""] = readdirSync(stopped).sort();
    const sizes = contents(stopped);
    const damages: Record<string, (folder: string) => void> = {
      "lines cut off": (folder) => truncateSync(join(folder, output), 100_000),
      "no line left": (folder) => truncateSync(join(folder, output), 10),
      "state cut off": (folder) =>
        truncateSync(join(folder, state), (sizes[state]?.length ?? 0) - 10),
      "state's header cut off": (folder) => truncateSync(join(folder, state), 10),
      "state empty": (folder) => truncateSync(join(folder, state), 0),
    };
    for (const [damage, apply] of Object.entries(damages)) {
      const folder = temporaryFolder();
      for (const file of [output, state]) copyFileSync(join(stopped, file), join(folder, file));
      apply(folder);
      await run({ repo, output: join(folder, name) });
      expect(contents(folder)[name] === expected[name], damage).toBe(true);
      expect(existsSync(join(folder, state)), damage).toBe(false);
    }
  }, 60_000);

  test("a run with other options starts anew", async () => {
    const folder = temporaryFolder();
    const output = join(folder, name);
    const abort = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done === 60) abort.abort();
    };
    await expect(
      run({ repo, output, extensions: "rs" }, { signal: abort.signal, onProgress }),
    ).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    await run({ repo, output });
    expect(contents(folder)).toEqual(expected);
  }, 60_000);
});
