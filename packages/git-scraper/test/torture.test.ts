import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Commit, readCommits } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import type { TestRepository } from "@repotune/test-kit/git";
import { tortureRepository, tortureVariants } from "@repotune/test-kit/torture";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stage } from "../src/index.ts";

const CHECK = fileURLToPath(new URL("../check/compare-with-git.mjs", import.meta.url));
const TIMEOUT_MS = 180_000;

/** Scrapes a repository and returns what the check, which is none of our code, says of it. */
async function scrapeAndCheck(repository: TestRepository, output: string) {
  const notices: string[] = [];
  const context = { onNotice: (text: string) => notices.push(text) };
  await stage.run(readOptions(stage.options, { repo: repository.path, output }), context);
  const args = [CHECK, output, repository.path, "--apply=all"];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error) => error);
  return { report: stdout as string, notices };
}

/** How many values of a field the check compared. */
const compared = (report: string, field: string) =>
  Number(new RegExp(`^${field} +(\\d+) `, "m").exec(report)?.[1] ?? 0);

describe.each(["sha1", "sha256"] as const)("a torture repository of %s objects", (objectFormat) => {
  let folder: string;
  let repository: TestRepository;
  const commits: Commit[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "repotune-torture-"));
    repository = tortureRepository({ folder, objectFormat });
  }, TIMEOUT_MS);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test(
    "every field equals what plain git says, and the patches give the trees",
    async () => {
      const output = join(folder, "commits.jsonl");
      const { report, notices } = await scrapeAndCheck(repository, output);
      expect(report).toMatch(/^0 differences$/m);
      expect(notices).toEqual([]);
      expect(compared(report, "hash")).toBeGreaterThan(100);
      expect(compared(report, "patch")).toBe(compared(report, "hash"));
      expect(compared(report, "git apply")).toBeGreaterThan(100);
      for await (const commit of readCommits(output)) commits.push(commit);
      expect(commits).toHaveLength(compared(report, "hash"));
    },
    TIMEOUT_MS,
  );

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
    expect(find("日本語").metadata.encoding).toBe("Shift_JIS");
    expect(find("bad\ufffd").metadata.message_bytes).toBe(
      Buffer.from("bad\xff\n", "latin1").toString("base64"),
    );
    expect(find("Wrong encoding \ufffd").metadata.encoding).toBeNull();
    // For git a message ends at its first NUL; here nothing is lost.
    expect(find("NUL\0in the subject").metadata.message_body).toBe("and a body\n");
  });

  // The forms do not depend on the hash: one is enough.
  test.skipIf(objectFormat === "sha256").each([
    ["shallow", /edge of the history/],
    ["partial", /partial clone/],
    ["bare", undefined],
    ["worktree", undefined],
    ["missing objects", /Missing or damaged objects/],
  ] as const)(
    "%s: every field equals what plain git says",
    async (name, notice) => {
      const variant = tortureVariants[name](repository);
      const output = join(folder, `${name}.jsonl`);
      const { report, notices } = await scrapeAndCheck(variant, output);
      expect(report).toMatch(/^0 differences$/m);
      expect(notices).toEqual(notice ? [expect.stringMatching(notice)] : []);
    },
    TIMEOUT_MS,
  );
});
