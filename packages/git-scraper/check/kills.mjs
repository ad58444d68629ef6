/**
 * Kills scrapes of a repository at random moments, goes on, and compares the files in the end, byte
 * by byte, with those of a run that nobody disturbed.
 *
 *     node check/kills.mjs REPOSITORY [KILLS]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const BIN = join(import.meta.dirname, "..", "bin.js");
const [repository, kills = "20"] = process.argv.slice(2);
if (repository === undefined) {
  console.error("usage: kills.mjs REPOSITORY [KILLS]");
  process.exit(2);
}

const base = mkdtempSync(join(tmpdir(), "kills-"));
const [whole, killed] = [join(base, "whole"), join(base, "killed")];
try {
  await check();
} finally {
  rmSync(base, { recursive: true, force: true });
}

async function check() {
  const start = Date.now();
  if (await scrape(whole)) throw new Error("the undisturbed run was killed");
  const milliseconds = Date.now() - start;
  let differences = 0;
  for (let done = 0; done < Number(kills); ) {
    const isKilled = await scrape(killed, 200 + Math.random() * milliseconds);
    if (isKilled) done += 1;
    // A file with a final name is whole, whenever the kill came.
    differences += differing(readdirSync(whole)).length;
    // A run that came to its end leaves nothing to go on with.
    if (!isKilled) rmSync(killed, { recursive: true, force: true });
  }
  if (await scrape(killed)) throw new Error("the last run was killed");
  const names = [whole, killed].map((folder) => readdirSync(folder).sort().join(" "));
  if (names[0] !== names[1]) differences += 1;
  differences += differing(readdirSync(whole)).length;
  console.log(`${kills} kills, ${differences} differences: ${names[1]}`);
  if (differences > 0) process.exitCode = 1;
}

/** Those of the files that are there, under their final names, and are others than they should be. */
function differing(names) {
  return names.filter((name) => {
    const found = read(join(killed, name));
    return found !== undefined && !found.equals(readFileSync(join(whole, name)));
  });
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Scrapes, for so many milliseconds at most; whether it was killed. */
async function scrape(folder, milliseconds) {
  const args = [BIN, "--quiet", "--repo", repository, "--output", join(folder, "commits.jsonl")];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, SOURCE_DATE_EPOCH: "1735689600" },
  });
  const ended = new Promise((resolve) => {
    child.on("close", (status, signal) => resolve({ status, signal }));
  });
  if (milliseconds !== undefined) {
    await Promise.race([setTimeout(milliseconds, undefined, { ref: false }), ended]);
    child.kill("SIGKILL");
  }
  const { status, signal } = await ended;
  if (signal === null && status !== 0) throw new Error(`the scrape ended with ${status}`);
  return signal !== null;
}
