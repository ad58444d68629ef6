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
/** An RTX 2060 Super, and what a desktop leaves of it. */
const CARD_MIB = { total: 8192, free: 7600 };
const MIB = 2 ** 20;

const { BaseModelFile, Device, Engine, Random, trainStep } = await loadTrainer();
const usedBefore = gpuMemoryUsed();
const device = Device.open(options.device, Number(options.threads));
const isCpu = device.info.kind === "cpu";
console.log(`${new Date().toISOString().slice(0, 10)}, ${device.info.description}, MiB\n`);
console.log(
  "| model | tokens | weights | LoRA, gradients, AdamW | layer inputs | buffers | sum | of 7,600 |" +
    (steps > 0 ? " peak | tokens/s |" : ""),
);
console.log(`|---|${"---:|".repeat(steps > 0 ? 9 : 7)}`);
for (const name of options.shapes.split(",")) {
  const path = await syntheticModel(name, "Q4_K_M", { isSparse: true });
  const file = await BaseModelFile.open(path);
  const weights = statSync(path).size; // hardly anything else is in it
  if (isCpu && freemem() < 1.5 * weights) throw new Error("Too little memory is free.");
  const model = await file.load(device, lora);
  await file.close();
  // From here on, as if it was one: graphs differ.
  if (isCpu && steps === 0) device.info.kind = "gpu";
  for (const tokens of options.tokens.split(",").map(Number)) {
    await report(name, model, weights, tokens);
  }
  model.dispose();
  if (isCpu) device.info.kind = "cpu";
}
device.dispose();

async function report(name, model, weights, tokens) {
  const { layers, width, vocabulary } = SHAPES[name];
  const engine = new Engine(model, { sequences: 1, sequenceLength: tokens }, adamw, false);
  const parameters = model.parameters.bytes;
  const inputs = 4 * (layers + 2) * width * tokens;
  const sum = weights + parameters + engine.bytes;
  const parts = [weights, parameters, inputs, engine.bytes - inputs, sum];
  const share = `${Math.round((100 * sum) / (CARD_MIB.free * MIB))} %`;
  const cells = [name, tokens, ...parts.map(mib), share];
  if (steps > 0) {
    const random = new Random(1);
    const piece = {
      tokens: Array.from({ length: tokens }, () => Math.floor(random.uniform() * vocabulary)),
      lossWeights: new Uint8Array(tokens).fill(100),
      predictFrom: 1,
    };
    await trainStep(engine, [[piece]], 1, 1e-4); // loads kernels
    const began = performance.now();
    for (let step = 2; step < steps + 2; step++) await trainStep(engine, [[piece]], step, 1e-4);
    const seconds = (performance.now() - began) / 1000;
    cells.push(mib(peakMemory()), ((steps * tokens) / seconds).toFixed(1));
  }
  console.log(`| ${cells.join(" | ")} |`);
  engine.dispose();
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
