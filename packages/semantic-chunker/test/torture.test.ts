import { rmSync } from "node:fs";
import { join } from "node:path";
import { tortureRepository } from "@repotune/test-kit/torture";
import { expect, it } from "vitest";
import { scrape } from "./history.ts";
import { runAndJudge } from "./judge.ts";

it.each(["sha1", "sha256"] as const)(
  "loses nothing of what trips a careless reader up (%s)",
  async (objectFormat) => {
    const repository = tortureRepository({ objectFormat });
    // They show another history than the objects have; the plain git of these tests would follow.
    rmSync(join(repository.gitDir, "info", "grafts"));
    const refs = repository.git("for-each-ref", "--format=delete %(refname)", "refs/replace");
    repository.gitBytes(["update-ref", "--stdin"], `${refs}\n`);
    const commits = scrape(repository);
    const { stats, verdict } = await runAndJudge(repository, {}, commits);
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.skipped_files).toEqual({
      ...{ binary: 8, merge: 16, minified: 3, no_text_change: 6, submodule: 7, symlink: 4 },
    });
    if (objectFormat === "sha256") return;
    const options = { includeMerges: true, includeMinified: true, maxPatchBytes: 64 << 20 };
    const all = await runAndJudge(repository, options, commits);
    expect(all.verdict.said).toContain("\ncomplete, ");
    expect(all.stats.skipped_files).toEqual({
      ...{ binary: 8, no_text_change: 7, submodule: 7, symlink: 4 },
    });
  },
  300_000,
);
