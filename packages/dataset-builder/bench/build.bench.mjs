// What building a dataset costs, for histories of several sizes, beside plain JavaScript:
//
//     npm run build && node bench/build.bench.mjs RUN…
//
// RUN is the folder of a run, with commits.jsonl and tokens/. No package on npm builds such datasets;
// so the peers are baselines of a few lines, which do a part of the work on the same token stream:
// "concatenate and chop" is what most trainers do by default: documents one after the other, cut
// every 512 tokens, wherever that is, "first fit" packs whole documents into the first sequence with
// room, looking at all of them. Neither splits in time, removes copies or searches for leaks. CPU is
// user and system time, memory the largest resident size of the process.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIN = join(import.meta.dirname, "..", "bin.js");
const LENGTH = 512;

const BASELINE = `
import { readFileSync, writeFileSync } from "node:fs";
const [path, output, kind] = process.argv.slice(1);
const bytes = readFileSync(path);
const end = 8 + Number(bytes.readBigUInt64LE(0));
const header = JSON.parse(bytes.subarray(8, end));
const part = (name) => bytes.buffer.slice(...header[name].data_offsets.map((at) => bytes.byteOffset + end + at));
const tokens = new Uint16Array(part("tokens"));
const offsets = Array.from(new BigInt64Array(part("document_offsets")), Number);
let sequences = 0, filled = 0;
if (kind === "chop") {
  sequences = Math.floor(tokens.length / ${LENGTH});
  filled = sequences * ${LENGTH};
  writeFileSync(output, new Uint16Array(tokens.buffer, 0, filled));
} else {
  const rooms = [];
  for (let d = 0; d + 1 < offsets.length; d++) {
    for (let start = offsets[d]; start < offsets[d + 1]; start += ${LENGTH}) {
      const length = Math.min(${LENGTH}, offsets[d + 1] - start);
      let at = rooms.findIndex((room) => room >= length);
      if (at < 0) at = rooms.push(${LENGTH}) - 1;
      rooms[at] -= length;
      filled += length;
    }
  }
  sequences = rooms.length;
  writeFileSync(output, tokens);
}
console.log(JSON.stringify({ sequences, filled: filled / (sequences * ${LENGTH}) }));
`;

const folder = mkdtempSync(join(tmpdir(), "repotune-bench-"));
try {
  for (const run of process.argv.slice(2)) {
    const tokens = join(run, "tokens", "tokens.safetensors");
    const output = join(folder, "dataset");
    const mine = measure([
      BIN,
      "--quiet",
      "--tokens",
      join(run, "tokens"),
      "--commits",
      join(run, "commits.jsonl"),
      "--output-dir",
      output,
    ]);
    const { splits, leak_audit } = JSON.parse(readFileSync(join(output, "dataset.json"), "utf8"));
    const documents = Object.values(leak_audit.repetition).reduce(
      (sum, side) => sum + side.documents,
      0,
    );
    console.log(
      `${run}: ${documents.toLocaleString("en-US")} documents, ${streamTokens(tokens).toLocaleString("en-US")} tokens`,
    );
    const chop = baseline(tokens, "chop");
    const rows = {
      "dataset-builder": { ...mine, filled: splits.train.filled_share },
      "plain JS, concatenate and chop": chop,
      ...(documents < 100_000 && { "plain JS, first fit": baseline(tokens, "fit") }),
    };
    for (const [name, { cpu, memory, filled }] of Object.entries(rows)) {
      console.log(
        `  ${name.padEnd(32)} CPU ${cpu.toFixed(2).padStart(6)} s (${(cpu / chop.cpu).toFixed(1)}×), ${(memory / 1024).toFixed(0).padStart(4)} MiB, sequences ${(100 * filled).toFixed(1)} % full`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function baseline(tokens, kind) {
  const cost = measure([
    "--input-type=module",
    "-e",
    BASELINE,
    tokens,
    join(folder, "packed"),
    kind,
  ]);
  return { ...cost, ...JSON.parse(cost.stdout) };
}

/** Runs node and measures it; GNU time must be there. */
function measure(argv) {
  const run = spawnSync("/usr/bin/time", ["-f", "%U %S %M", process.execPath, ...argv], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(run.stderr || String(run.error));
  const [user, system, memory] = run.stderr.trim().split("\n").at(-1).split(" ").map(Number);
  return { cpu: user + system, memory, stdout: run.stdout };
}

function streamTokens(path) {
  const head = execFileSync("head", ["-c", "65536", path]);
  const end = 8 + Number(head.readBigUInt64LE(0));
  return JSON.parse(head.subarray(8, end).toString()).tokens.shape[0];
}
