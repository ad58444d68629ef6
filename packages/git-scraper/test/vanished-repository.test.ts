import { cpSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { StageContext } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { gitRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { stage } from "../src/index.ts";

const run = (values: Record<string, unknown>, context: StageContext = {}) =>
  stage.run(readOptions(stage.options, values), context);

/** Commits beyond those that are read ahead of their turn, each object a file of its own. */
function looseRepository(commits: number): string {
  const repository = gitRepository();
  repository.commit("Mailmap", { ".mailmap": "Ada <ada@example.org>\n" });
  const edits = Array.from({ length: commits }, (_, number) => {
    const text = `${number}\n`;
    return [
      "commit refs/heads/main",
      `committer Ada <ada@example.org> ${1_800_000_000 + number} +0000`,
      `data 0\n${number === 0 ? "from refs/heads/main^0\n" : ""}M 100644 inline a.rs`,
      `data ${text.length}\n${text}`,
    ].join("\n");
  });
  repository.git("config", "fastimport.unpackLimit", `${10 * commits}`);
  repository.gitBytes(["fast-import", "--quiet"], edits.join(""));
  return repository.path;
}

test("a repository that goes away while it is read is an error, and no harm is done", async () => {
  process.env.SOURCE_DATE_EPOCH = "1735689600";
  const folder = temporaryFolder();
  const repo = join(folder, "repository");
  cpSync(looseRepository(500), repo, { recursive: true });
  const expected = join(folder, "expected");
  await run({ repo, output: join(expected, "commits.jsonl") });
  for (const when of [1, 60, 501]) {
    const results = join(folder, `after ${when}`);
    const values = { repo, output: join(results, "commits.jsonl") };
    const onProgress = ({ done }: { done: number }) => {
      if (done === when) renameSync(repo, join(folder, "moved"));
    };
    await expect(run(values, { onProgress })).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      message: `The repository ${repo} was moved or removed while it was read.`,
    });
    expect(readdirSync(results).every((file) => file.endsWith(".tmp"))).toBe(true);
    // Once it is back, nothing that could not be read then is taken for missing.
    renameSync(join(folder, "moved"), repo);
    await run(values);
    for (const file of readdirSync(expected)) {
      const [found, whole] = [results, expected].map((at) => readFileSync(join(at, file), "utf8"));
      expect(found === whole, `${file} after ${when}`).toBe(true);
    }
  }
  delete process.env.SOURCE_DATE_EPOCH;
}, 60_000);
