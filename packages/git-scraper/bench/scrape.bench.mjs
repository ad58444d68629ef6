// Compares a scrape with what git itself takes to print the same history, in the same run:
//
//     npm run build && node bench/scrape.bench.mjs REPOSITORY [ROUNDS]
//
// The peer is `git log --all --date-order --reverse --raw -p -M` to /dev/null, one process that
// works out the same diffs and writes nothing. CPU is user and system time of all processes. Memory
// is looked at in the first round, the times are best in the others.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { better, measure } from "./measure.mjs";

const [repository = ".", rounds = "3"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "repotune-bench-"));
const output = join(folder, "commits.jsonl");
const bin = fileURLToPath(new URL("../bin.js", import.meta.url));

const log =
  'git --no-replace-objects -C "$1" log --all --date-order --reverse --raw -p -M --diff-merges=first-parent > /dev/null';
const peers = {
  "git log -p": log,
  "scrape, 1 diff process": 'node "$2" --quiet --repo "$1" --output "$3" --diff-processes 1',
  "scrape, 2 diff processes": 'node "$2" --quiet --repo "$1" --output "$3"',
};

const best = new Map();
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [name, command] of Object.entries(peers)) {
    const now = await measure(command, [repository, bin, output], round === 0);
    best.set(name, better(best.get(name), now));
  }
}

const [[, peer]] = best;
console.log(
  `${repository}: best of ${rounds}, ${(statSync(output).size / 1e6).toFixed(1)} MB of JSONL`,
);
for (const [name, { wall, cpu, memory }] of best) {
  const ratio = (value, of) => `${value.toFixed(2)} s (${(value / of).toFixed(2)}×)`;
  const peak = `${(memory / 1e6).toFixed(0)} MB`;
  console.log(
    `${name.padEnd(26)} wall ${ratio(wall, peer.wall)}, CPU ${ratio(cpu, peer.cpu)}, all processes at most ${peak}`,
  );
}
rmSync(folder, { recursive: true });
