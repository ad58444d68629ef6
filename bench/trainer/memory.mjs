// Peak memory of whole trainings on the CPU beside what their plans said, in processes of their own:
// from reading the dataset to checking the adapter that was written.
//
//     node bench/trainer/memory.mjs [--sizes 10M,30M,110M] [--lengths 256,512,2048] [--type Q4_K_M]
//         [--train lora|all] [--threads 1]
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadTrainer, trainerBundle } from "./load-trainer.mjs";
import { writeRandomDataset } from "./random-dataset.mjs";
import { syntheticModel } from "./synthetic-model.mjs";

const STEPS = 2;
const MIB = 2 ** 20;
const [bundle, job] = process.argv.slice(2);
if (process.send) await train(bundle, JSON.parse(job));
else await compare();

async function compare() {
  const { values: options } = parseArgs({
    options: {
      sizes: { type: "string", default: "10M,30M,110M" },
      lengths: { type: "string", default: "256,512,2048" },
      type: { type: "string", default: "Q4_K_M" },
      train: { type: "string", default: "auto" },
      threads: { type: "string", default: "1" },
    },
  });
  const mib = (bytes) => Math.round(bytes / MIB).toLocaleString("en-US");
  console.log(`${new Date().toISOString().slice(0, 10)}, ${options.type}, MiB\n`);
  console.log(
    "| model | tokens | at once | planned | of it the program | peak | peak / plan | growth of both |",
  );
  console.log("|---|---:|---:|---:|---:|---:|---:|---:|");
  for (const size of options.sizes.split(",")) {
    const base = await syntheticModel(size, options.type);
    let shortest;
    for (const length of options.lengths.split(",").map(Number)) {
      const folder = mkdtempSync(join(tmpdir(), "repotune-memory-"));
      try {
        const dataset = await writeRandomDataset(folder, base, length);
        const threads = Number(options.threads);
        const outputDir = join(folder, "model");
        const choices = { dataset, base, outputDir, threads, train: options.train };
        const { plan, peak } = await inChild(choices);
        const { total_bytes, parts, micro_batch_size: sequences } = plan;
        const cells = [size, length, sequences, mib(total_bytes), mib(parts.program), mib(peak)];
        shortest ??= { planned: total_bytes, peak };
        const growth = [total_bytes / shortest.planned, peak / shortest.peak];
        cells.push((peak / total_bytes).toFixed(2));
        cells.push(growth.map((factor) => `× ${factor.toFixed(2)}`).join(", "));
        console.log(`| ${cells.join(" | ")} |`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  }
}

function inChild(choices) {
  const child = fork(fileURLToPath(import.meta.url), [trainerBundle(), JSON.stringify(choices)]);
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code, signal) => reject(new Error(`A training ended: ${signal ?? code}.`)));
  });
}

/** The child: trains, and tells the plan and the peak. */
async function train(bundle, choices) {
  trainerBundle(bundle);
  const { train, TrainOptionsSchema } = await loadTrainer();
  const defaults = Object.entries(TrainOptionsSchema.properties).map(([name, schema]) => [
    name,
    schema.default,
  ]);
  const report = await train({
    ...Object.fromEntries(defaults),
    ...choices,
    device: "cpu",
    steps: STEPS,
    evaluations: 1,
    validationTokens: 1,
  });
  // By the system's count since the program was started.
  const status = readFileSync("/proc/self/status", "utf8");
  const peak = 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
  process.send({ plan: report.memory_plan, peak }, () => process.exit());
}
