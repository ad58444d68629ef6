/**
 * Cuts changes between mutated real files of every language: the test of the same name, with as
 * many mutations as asked for, of files that it takes from the newest commits of repositories.
 *
 *     node check/fuzz.mjs MUTATIONS SEED REPOSITORY...
 *
 * The seed decides which mutations are made. Fails if a changed line is in no chunk, or in two; if
 * chunks differ when a commit is cut without those before it; if anything throws; or if commits take
 * more CPU time than 3 s and 20 µs for each byte of their files.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";

const EXTENSIONS = [
  ...[".rs", ".py", ".ts", ".tsx", ".js", ".go", ".java", ".c", ".h", ".cc", ".cpp", ".sh"],
  ...[".toml", ".yaml", ".yml", ".json", ".md", ".txt", ".css"],
];
/** Files of an extension from a repository, of at most so many bytes each. */
const MAX_FILES = 12;
const MAX_BYTES = 12_000;

const [mutations = "20000", seed = "1", ...repositories] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
try {
  for (const [number, repository] of repositories.entries()) takeFiles(repository, number);
  const vitest = createRequire(import.meta.url).resolve("vitest/package.json");
  const env = {
    ...process.env,
    REPOTUNE_FUZZ_INPUTS: mutations,
    REPOTUNE_FUZZ_SEED: seed,
    ...(repositories.length > 0 && { REPOTUNE_FUZZ_FOLDER: folder }),
  };
  const args = [join(dirname(vitest), "vitest.mjs"), "run", "test/fuzz.test.ts"];
  const cwd = join(import.meta.dirname, "..");
  process.exitCode = spawnSync(process.execPath, args, { cwd, env, stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Writes some files of each extension, spread over the repository's folders. */
function takeFiles(repository, number) {
  const git = (...args) =>
    spawnSync("git", ["-C", repository, ...args], { maxBuffer: 1 << 28 }).stdout;
  const rows = git("ls-tree", "-r", "-l", "-z", "HEAD").toString().split("\0").slice(0, -1);
  const files = rows
    .map((row) => /^100\d+ blob (\w+) +(\d+)\t(.*)$/s.exec(row))
    .filter((match) => match && Number(match[2]) > 200 && Number(match[2]) < MAX_BYTES)
    .map(([, blob, , path]) => ({ blob, path }));
  for (const extension of EXTENSIONS) {
    const own = files.filter(({ path }) => extname(path) === extension);
    const step = Math.max(1, Math.floor(own.length / MAX_FILES));
    for (const [index, { blob }] of own.filter((_, i) => i % step === 0).entries()) {
      writeFileSync(join(folder, `${number}-${index}${extension}`), git("cat-file", "blob", blob));
    }
  }
}
