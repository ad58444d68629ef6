// Training speed beside llama.cpp's own prompt processing, on the same files, threads and lengths, in
// one run.
//
//     node bench/trainer/speed.mjs [--quick | --large] [--threads 1] [--rounds 5] [--sizes 10M,30M,110M]
//         [--lengths 256,512,2048] [--types Q4_K_M,Q8_0,F16] [--layout fast] [--cpu-time]
//
// For each row, two processes take turns, and each number is the median of its rounds. Growth is that
// of training's speed and llama.cpp's from the shortest sequences on.
import { fork } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { trainerBundle } from "./load-trainer.mjs";
import { syntheticModel } from "./synthetic-model.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    /** A model of a size that people fine-tune, with sequences of one length, one round. */
    large: { type: "boolean", default: false },
    threads: { type: "string", default: "1" },
    rounds: { type: "string" },
    sizes: { type: "string" },
    lengths: { type: "string" },
    types: { type: "string", default: "Q4_K_M,Q8_0,F16" },
    /** How frozen weights lie in memory; by default the trainer chooses. */
    layout: { type: "string", default: "fast,compact" },
    /** Tokens by CPU second, where other programs run beside. */
    "cpu-time": { type: "boolean", default: false },
  },
});
const PRESETS = {
  quick: { rounds: "3", sizes: "10M", lengths: "256,512" },
  large: { rounds: "1", sizes: "TinyLlama-1.1B", lengths: "512" },
  full: { rounds: "5", sizes: "10M,30M,110M", lengths: "256,512,2048" },
};
const preset = PRESETS[options.quick ? "quick" : options.large ? "large" : "full"];
const rounds = Number(options.rounds ?? preset.rounds);
const sizes = (options.sizes ?? preset.sizes).split(",");
const lengths = (options.lengths ?? preset.lengths).split(",").map(Number);
const clock = options["cpu-time"] ? "cpu" : "wall";
const GOAL = 0.25;

const [{ model: processor }] = cpus();
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${processor}, ${availableParallelism()} cores, ` +
    `${options.threads} threads, medians of ${rounds} rounds, ${clock} time, ` +
    "LoRA r = 16 on all linear layers, steps of 2,048 tokens\n",
);
const head = ["model", "type", "tokens", "training tokens/s", "llama.cpp tokens/s", "ratio"];
head.push("growth of both", "at once", "weights", "results");
console.log(`| ${head.join(" | ")} |\n|---|---|${"---:|".repeat(5)}---|---|---|`);
const rounded = (value) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
const ratios = [];
for (const size of sizes) {
  for (const type of options.types.split(",")) {
    const path = await syntheticModel(size, type);
    let shortest;
    for (const length of lengths) {
      const { ours, theirs, plan } = await measure(path, length);
      const ratio = ours / theirs;
      ratios.push(ratio);
      const cells = [size, type, length, rounded(ours), rounded(theirs), ratio.toFixed(3)];
      shortest ??= { ours, theirs };
      const growth = [ours / shortest.ours, theirs / shortest.theirs];
      cells.push(growth.map((factor) => `× ${factor.toFixed(2)}`).join(", "));
      cells.push(`${plan.micro_batch_size} × ${length}`, plan.weight_layout);
      cells.push(plan.kept === "results" ? "kept" : "computed twice");
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
}
const reached = ratios.filter((ratio) => ratio >= GOAL).length;
console.log(
  `\n${reached} of ${ratios.length} rows reach ${GOAL}; the lowest ratio is ${Math.min(...ratios).toFixed(3)}.`,
);

async function measure(path, length) {
  const job = {
    path,
    length,
    threads: Number(options.threads),
    layouts: options.layout.split(","),
  };
  const workers = [];
  try {
    // One after the other: only one of them computes at any time.
    for (const role of ["training", "llama.cpp"]) workers.push(await start({ ...job, role }));
    const results = workers.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, worker] of workers.entries()) {
        worker.send("measure");
        results[i].push(await messageFrom(worker));
      }
    }
    const [ours, theirs] = results.map((list) => median(list.map((result) => result[clock])));
    return { ours, theirs, plan: results[0].at(-1).plan };
  } finally {
    for (const worker of workers) worker.kill();
  }
}

async function start(job) {
  const path = fileURLToPath(new URL("speed-worker.mjs", import.meta.url));
  const worker = fork(path, [trainerBundle(), JSON.stringify(job)]);
  await messageFrom(worker);
  return worker;
}

function messageFrom(worker) {
  return new Promise((resolve, reject) => {
    const died = (code, signal) => reject(new Error(`A worker ended: ${signal ?? code}.`));
    worker.once("exit", died);
    worker.once("message", (message) => {
      worker.off("exit", died);
      resolve(message);
    });
  });
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
