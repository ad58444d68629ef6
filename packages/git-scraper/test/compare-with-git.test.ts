import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "@repotune/schema/command";
import { gitRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { stage } from "../src/index.ts";

const CHECK = fileURLToPath(new URL("../check/compare-with-git.mjs", import.meta.url));

type Fields = Record<string, unknown>;
type SpoiltCommit = Record<"metadata" | "context", Fields> & { diffs: Fields[] };

/** Where a record of any form of `commits.jsonl` is wrong, and what the check should call it. */
const faults: [field: string, spoil: (commit: SpoiltCommit) => void][] = [
  ["author", ({ metadata }) => spoil(metadata, "author", "Mallory")],
  ["timestamp", ({ metadata }) => spoil(metadata, "timestamp", "2025-01-01T00:00:00+00:00")],
  ["commit_timestamp_unix", ({ metadata }) => spoil(metadata, "commit_timestamp_unix", 1)],
  ["message_body", ({ metadata }) => spoil(metadata, "message_body", "")],
  ["parents", ({ metadata }) => spoil(metadata, "parents", [])],
  ["diff isBinary", ({ diffs }) => spoil(diffs[0], "is_binary", true)],
  ["diff oldMode", ({ diffs }) => spoil(diffs[0], "old_mode", "100755")],
  ["diff newBlob", ({ diffs }) => spoil(diffs[0], "new_blob", "0".repeat(40))],
  ["diff additions", ({ diffs }) => spoil(diffs[0], "additions", 7)],
  ["patch", ({ diffs }) => spoil(diffs[0], "patch", "")],
  ["git apply", ({ diffs }) => spoil(diffs[0], "patch", "")],
  ["insertions", ({ metadata }) => spoil(metadata, "insertions", 7)],
  ["seconds_since_parent", ({ context }) => spoil(context, "seconds_since_parent", 7)],
];

function spoil(record: Fields | undefined, key: string, value: unknown): void {
  if (!record || !(key in record)) throw new Error(`no ${key}`);
  record[key] = value;
}

test("the check finds nothing wrong with a scrape, and everything with a spoilt one", async () => {
  const repository = gitRepository();
  repository.commit("One", { "a.txt": "1\n" });
  repository.commit("Two\n\nBody\n", { "a.txt": "2\n" });
  repository.checkout("topic", { create: true });
  repository.commit("Three", { "b.txt": "3\n" });
  repository.tag("v1");
  const output = join(temporaryFolder(), "commits.jsonl");
  await stage.run(readOptions(stage.options, { repo: repository.path, output }), {});
  const check = () => spawnSync(process.execPath, [CHECK, output, repository.path, "--apply=all"]);
  const clean = check();
  expect(clean.stdout.toString()).toMatch(/^0 differences$/m);
  expect(clean.status).toBe(0);

  const lines = readFileSync(output, "utf8").split("\n");
  for (const [field, fault] of faults) {
    const commit = JSON.parse(lines[1] as string);
    fault(commit);
    writeFileSync(output, lines.with(1, JSON.stringify(commit)).join("\n"));
    const { stdout, status } = check();
    const [, differences] = new RegExp(`^${field} +\\d+ +(\\d+)`, "m").exec(`${stdout}`) ?? [];
    expect(Number(differences), field).toBeGreaterThan(0);
    expect(status).toBe(1);
  }
  for (const shortened of [lines.slice(1), lines.slice(0, 2).concat("")]) {
    writeFileSync(output, shortened.join("\n"));
    expect(check().status).toBe(1);
  }
  writeFileSync(output, lines.join("\n"));
  repository.branch("later", "HEAD~1");
  expect(check().stdout.toString()).toMatch(/^branches +3 +2$/m);
});
