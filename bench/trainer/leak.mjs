// Memory of a training process after its first steps and after many more: it should be the same, but
// for the figures that go into the report (about 50 bytes a step, 400 a measurement).
//
// What a process holds goes up and down by tens of MiB with buffers that wait to be collected, and with
// holes that glibc's malloc keeps: so both are told to give back what they can, and the least of some
// steps is taken. V8 takes a few MiB more in the first thousand steps, for new objects and on the
// threads that it compiles on, unless it is told not to; a process of its own is told, and is not
// smaller at first by what the bundler has left free.
//
//     node bench/trainer/leak.mjs [--steps 5000] [--from 100] [--size 10M] [--train lora|all]
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadTrainer, requireFromGgml, trainerBundle } from "./load-trainer.mjs";
import { writeRandomDataset } from "./random-dataset.mjs";
import { syntheticModel } from "./synthetic-model.mjs";

const ALLOWED = 0.02;
/** Of the training split, in batches of two. */
const SEQUENCES = 2000;
/** Steps of which the least is taken, */
const WINDOW = 100;
/** once in so many. */
const PRINTED = 500;
const NODE_OPTIONS = ["--expose-gc", "--max-semi-space-size=1", "--v8-pool-size=0"];
const [bundle, ...choices] = process.argv.slice(2);
if (process.send) {
  trainerBundle(bundle);
  await measure(choices);
} else {
  const args = [trainerBundle(), ...process.argv.slice(2)];
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv: NODE_OPTIONS });
  process.exitCode = await new Promise((resolve) => {
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** The child: trains, and tells what it holds meanwhile. */
async function measure(args) {
  const { values: options } = parseArgs({
    args,
    options: {
      steps: { type: "string", default: "5000" },
      from: { type: "string", default: "100" },
      size: { type: "string", default: "10M" },
      train: { type: "string", default: "lora" },
    },
  });
  const [from, steps] = [Number(options.from), Number(options.steps)];
  const { listDevices, train, TrainOptionsSchema } = await loadTrainer();
  listDevices(); // which sets koffi up, before anything else is loaded through it
  const giveBack = garbageCollector();
  const folder = mkdtempSync(join(tmpdir(), "repotune-leak-"));
  const measured = [];
  let least = Number.POSITIVE_INFINITY;
  try {
    const base = await syntheticModel(options.size, "Q8_0");
    const defaults = Object.entries(TrainOptionsSchema.properties).map(([name, schema]) => [
      name,
      schema.default,
    ]);
    await train(
      {
        ...Object.fromEntries(defaults),
        dataset: await writeRandomDataset(folder, base, 32, SEQUENCES),
        base,
        train: options.train,
        outputDir: join(folder, "model"),
        steps,
        batchSize: 2,
        evaluateEvery: 250, // besides each epoch of 1,000; and a checkpoint each time
        checkpointEvery: 1,
        patience: 0,
        dropout: options.train === "lora" ? 0.1 : 0,
        device: "cpu",
        threads: 1,
      },
      {
        onProgress({ done }) {
          const end = done <= from + WINDOW ? from + WINDOW : PRINTED * Math.ceil(done / PRINTED);
          if (done <= end - WINDOW) return;
          if (done % 10 === 0) giveBack();
          least = Math.min(least, residentBytes());
          if (done < end) return;
          measured.push(least);
          console.log(
            `steps ${end - WINDOW + 1} to ${end}: ${mib(least)} MiB resident, ${mib(process.memoryUsage().heapUsed)} of it JavaScript's`,
          );
          least = Number.POSITIVE_INFINITY;
        },
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (measured.length < 2) throw new Error(`--steps ${steps} is too few: at least ${PRINTED}.`);
  const [first, last] = [measured[0], measured.at(-1)];
  const growth = last / first - 1;
  console.log(
    `${growth >= 0 ? "+" : ""}${(100 * growth).toFixed(2)} %; ${100 * ALLOWED} % are allowed`,
  );
  if (growth > ALLOWED) process.exitCode = 1;
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}

/** Collects what is not used any more, and lets glibc, where that is, give back what is free. */
function garbageCollector() {
  if (process.platform !== "linux") return global.gc;
  const trim = requireFromGgml("koffi").load("libc.so.6").func("int malloc_trim(size_t pad)");
  return () => {
    global.gc();
    trim(0);
  };
}

/** Memory of this process, as the system counts it. */
function residentBytes() {
  if (process.platform !== "linux") return process.memoryUsage.rss();
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
}
