// Reserves what a training of a 7B model takes on a device, part by part, at the shapes of
// llama-2-7B and Qwen2.5-7B, Q4_K_M, LoRA r = 16 on all linear layers. The weights are zeros, which
// are valid; the files take no disk.
//
//     node bench/trainer/memory-7b.mjs [--device cpu] [--shapes llama-2-7B,qwen2.5-7B]
//         [--tokens 1024,2048] [--steps 0]
//
// On a CPU the graphs are those that a GPU would get, in ordinary memory, where they can be reserved
// but are too slow to run. With steps, runs so many and measures speed and peak.
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { freemem } from "node:os";
import { parseArgs } from "node:util";
import { loadTrainer } from "./load-trainer.mjs";
import { SHAPES, syntheticModel } from "./synthetic-model.mjs";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    threads: { type: "string", default: "1" },
    shapes: { type: "string", default: "llama-2-7B,qwen2.5-7B" },
    tokens: { type: "string", default: "1024,2048" },
    steps: { type: "string", default: "0" },
  },
});
const steps = Number(options.steps);
const lora = { rank: 16, alpha: 32, targets: undefined, seed: 1 };
const adamw = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 };
const MIB = 2 ** 20;
/** What a desktop leaves of the 8,192 MiB of an RTX 2060 Super. */
const CARD_BYTES = 7600 * MIB;

const { BaseModelFile, Device, Engine, planMemory, Random, trainStep } = await loadTrainer();
const usedBefore = gpuMemoryUsed();
const device = Device.open(options.device, Number(options.threads));
const isCpu = device.info.kind === "cpu";
const isReserveOnly = isCpu && steps === 0;
// From here on, as if it was one: graphs differ, and the token embedding stays on the host.
if (isReserveOnly) device.info.kind = "gpu";
const head = ["model", "tokens", "weights", "LoRA, gradients, AdamW", "layer inputs", "batch"];
head.push("results", "sum", `of ${mib(CARD_BYTES)}`, "plan for that", "beside, on the host");
if (steps > 0) head.push("peak", "tokens/s");
console.log(`${new Date().toISOString().slice(0, 10)}, ${device.info.description}, MiB\n`);
console.log(`| ${head.join(" | ")} |\n|---|${"---:|".repeat(head.length - 1)}`);
for (const name of options.shapes.split(",")) {
  const path = await syntheticModel(name, "Q4_K_M", { isSparse: true });
  if (isCpu && freemem() < 1.5 * statSync(path).size) throw new Error("Memory is scarce.");
  const file = await BaseModelFile.open(path);
  const model = await file.load(device, lora);
  for (const tokens of options.tokens.split(",").map(Number)) {
    await report(name, file, model, tokens);
  }
  model.dispose();
  await file.close();
}
device.dispose();

async function report(name, file, model, tokens) {
  const plan = await planOf(file, tokens);
  const shape = { sequences: 1, sequenceLength: tokens };
  const engine = new Engine(model, shape, adamw, plan?.kept ?? "inputs_on_host");
  const { weights, transposed, parameters } = model.memory;
  const { states, batch, results } = engine.memory;
  const parts = [weights + transposed, parameters, states, batch, results];
  const sum = parts.reduce((total, bytes) => total + bytes, 0);
  const share = `${Math.round((100 * sum) / CARD_BYTES)} %`;
  const planned = plan ? mib(plan.total_bytes) : "refused";
  const cells = [
    name,
    tokens,
    ...[...parts, sum].map(mib),
    share,
    planned,
    plan ? mib(plan.host_bytes) : "-",
  ];
  if (steps > 0) cells.push(...(await train(engine, tokens, SHAPES[name].vocabulary)));
  console.log(`| ${cells.join(" | ")} |`);
  engine.dispose();
}

/** What the trainer would say before it begins on such a card; undefined if it would refuse. */
async function planOf(file, sequenceLength) {
  try {
    return await planMemory({
      device: options.device,
      threads: 1,
      as: { kind: "gpu", freeMemory: CARD_BYTES },
      load: (dry, layout) => file.load(dry, lora, layout),
      layouts: ["compact"],
      sequenceLength,
      batchSize: 1,
    });
  } catch (error) {
    if (error.code === "E_MEMORY") return undefined;
    throw error;
  }
}

/** Peak memory and tokens a second of some steps. */
async function train(engine, tokens, vocabulary) {
  const random = new Random(1);
  const piece = {
    tokens: Array.from({ length: tokens }, () => Math.floor(random.uniform() * vocabulary)),
    lossWeights: new Uint8Array(tokens).fill(100),
    predictFrom: 1,
  };
  const step = (number) =>
    trainStep(engine, [[piece]], { number, learningRate: 1e-4, seeds: [], judge: () => undefined });
  await step(1); // loads kernels
  const began = performance.now();
  for (let number = 2; number < steps + 2; number++) await step(number);
  const seconds = (performance.now() - began) / 1000;
  return [mib(peakMemory()), ((steps * tokens) / seconds).toFixed(1)];
}

/** Memory that this program takes on a GPU, by the driver's count; of a CPU, by the system's. */
function peakMemory() {
  if (!isCpu) return (gpuMemoryUsed() ?? 0) - (usedBefore ?? 0);
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

/** Bytes in use on the first NVIDIA GPU. Pools of the driver only grow: what is used last is the peak. */
function gpuMemoryUsed() {
  try {
    const query = ["--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"];
    return MIB * Number(execFileSync("nvidia-smi", query, { encoding: "utf8" }));
  } catch {
    return undefined; // There is none.
  }
}

function mib(bytes) {
  return Math.round(bytes / MIB).toLocaleString("en-US");
}
