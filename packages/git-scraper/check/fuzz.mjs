/**
 * Feeds every parser mutated output of git: the tests of the same name, with as many inputs of
 * each kind as asked for.
 *
 *     node check/fuzz.mjs [N] [seed]
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [inputs = "100000", seed = "1"] = process.argv.slice(2);
const vitest = join(
  dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
  "vitest.mjs",
);
const env = { ...process.env, REPOTUNE_FUZZ_INPUTS: inputs, REPOTUNE_FUZZ_SEED: seed };
for (const name of ["git", "git-scraper"]) {
  const cwd = join(import.meta.dirname, "..", "..", name);
  const { status } = spawnSync(process.execPath, [vitest, "run", "test/fuzz.test.ts"], {
    ...{ cwd, env, stdio: "inherit" },
  });
  if (status !== 0) process.exitCode = 1;
}
