// Measures the chunker over a history, beside other ways to come by its syntax, in one run:
//
//     npm run build && node bench/chunk.bench.mjs REPOSITORY commits.jsonl [SHARE,SHARE,…]
//
// `chunker` and `uncached` do all of the work, up to the JSON of each chunk; `uncached` parses both
// sides of each change as a whole. The other two read each version of each Rust file once: `native`
// only parses, by tree-sitter's addon for Node; `wholeFiles` packs syntax nodes into chunks as
// astchunk does. Native addons are installed into a temporary folder, prebuilt, without a compiler.
// CPU is user and system time of all processes, of Linux' /proc.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ADDONS = ["tree-sitter@0.22.4", "tree-sitter-rust@0.23.2"];
const TICKS = 100; // A second, as /proc counts.

const [repository, commits, shares = "0.25,0.5,1"] = process.argv.slice(2);
if (!commits)
  throw new Error("usage: node bench/chunk.bench.mjs REPOSITORY commits.jsonl [SHARES]");

const peers = mkdtempSync(join(tmpdir(), "repotune-bench-"));
process.once("exit", () => rmSync(peers, { recursive: true, force: true }));
const install = ["install", "--no-audit", "--no-fund", "--prefix", peers, ...ADDONS];
const { status } = spawnSync("npm", install, { stdio: "ignore" });
if (status !== 0) console.log(`${ADDONS.join(", ")} cannot be installed: native is left out.`);

console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${new Date().toISOString()}`);
console.log(
  "history  contestant   Rust changes  versions    MB  results  CPU s   MB/s  ratio  MiB",
);
for (const share of shares.split(",")) {
  const results = new Map();
  // The last ones count the bytes.
  for (const name of ["wholeFiles", "native", "uncached", "chunker"]) {
    const before = childSeconds();
    const contestant = fileURLToPath(new URL("./contestant.mjs", import.meta.url));
    try {
      const output = execFileSync(
        process.execPath,
        [contestant, name, repository, commits, share, peers],
        { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
      );
      results.set(name, { ...JSON.parse(output), cpu: childSeconds() - before });
    } catch (error) {
      console.log(`${name} failed: ${String(error.stderr).trim().split("\n").at(-1)}`);
    }
  }
  const megabytes = (results.get("wholeFiles")?.bytes ?? 0) / 1e6;
  const ours = results.get("chunker")?.cpu ?? Number.NaN;
  for (const [name, { changes, blobs, results: count, cpu, maxRss }] of results) {
    const cells = [
      `${100 * share} %`.padEnd(8),
      name.padEnd(12),
      String(changes).padStart(12),
      String(blobs).padStart(9),
      megabytes.toFixed(0).padStart(5),
      String(count).padStart(8),
      cpu.toFixed(1).padStart(6),
      (megabytes / cpu).toFixed(2).padStart(6),
      (cpu / ours).toFixed(2).padStart(6),
      String(Math.round(maxRss / 2 ** 20)).padStart(4),
    ];
    console.log(cells.join(" "));
  }
}

/** User and system time of the processes that ended, with those that they waited for. */
function childSeconds() {
  const fields = readFileSync("/proc/self/stat", "latin1").split(") ").at(-1).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}
