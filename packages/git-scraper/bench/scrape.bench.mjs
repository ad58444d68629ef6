// Compares a scrape with what git itself takes to print the same history, in the same run:
//
//     npm run build && node bench/scrape.bench.mjs REPOSITORY [ROUNDS]
//
// The peer is `git log --all --date-order --reverse --raw -p -M` to /dev/null, one process that
// works out the same diffs and writes nothing. CPU is user and system time of all processes.
import { spawnSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [repository = ".", rounds = "3"] = process.argv.slice(2);
const output = join(tmpdir(), `repotune-bench-${process.pid}.jsonl`);
const bin = fileURLToPath(new URL("../bin.js", import.meta.url));

const log =
  'git --no-replace-objects -C "$1" log --all --date-order --reverse --raw -p -M --diff-merges=first-parent > /dev/null';
const peers = {
  "git log -p": log,
  "scrape, 1 diff process": 'node "$2" --quiet --repo "$1" --output "$3" --diff-processes 1',
  "scrape, 2 diff processes": 'node "$2" --quiet --repo "$1" --output "$3"',
};

/** Seconds of the wall clock and of all processors that a shell command takes. */
function measure(command) {
  const args = ["-c", `${command}; status=$?; times >&2; exit $status`, "sh"];
  const began = performance.now();
  const { status, stderr } = spawnSync("sh", [...args, repository, bin, output], {
    encoding: "utf8",
  });
  const wall = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${command} failed:\n${stderr}`);
  const children = stderr.trim().split("\n").at(-1) ?? "";
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)]
    .map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds))
    .reduce((sum, seconds) => sum + seconds, 0);
  return { wall, cpu };
}

const best = new Map();
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [name, command] of Object.entries(peers)) {
    const { wall, cpu } = measure(command);
    const before = best.get(name) ?? { wall: Infinity, cpu: Infinity };
    best.set(name, { wall: Math.min(wall, before.wall), cpu: Math.min(cpu, before.cpu) });
  }
}

const [[, peer]] = best;
console.log(
  `${repository}: best of ${rounds}, ${(statSync(output).size / 1e6).toFixed(1)} MB of JSONL`,
);
for (const [name, { wall, cpu }] of best) {
  const ratio = (value, of) => `${value.toFixed(2)} s (${(value / of).toFixed(2)}×)`;
  console.log(`${name.padEnd(26)} wall ${ratio(wall, peer.wall)}, CPU ${ratio(cpu, peer.cpu)}`);
}
for (const path of [output, output.replace(/jsonl$/, "meta.json")]) rmSync(path, { force: true });
