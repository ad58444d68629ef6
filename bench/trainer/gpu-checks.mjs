// Whether a device computes what it should: gradients against finite differences of the loss, against
// those of the CPU, and eight random sequences learnt by heart. Exits 1 if not.
//
//     node bench/trainer/gpu-checks.mjs [--device auto] [--only differences|training]
//
// The differences need products in whole F32, which GPUs have to be told by their drivers' variables
// (see bench/gpu.sh); the rest is to be seen as users will have it.
import { parseArgs } from "node:util";
import { loadTrainer } from "./load-trainer.mjs";
import { syntheticModel } from "./synthetic-model.mjs";

const { values: options } = parseArgs({
  options: { device: { type: "string", default: "auto" }, only: { type: "string" } },
});
/** Single entries; what rounding of the loss in F32 and the third derivative explain. */
const DIFFERENCE = 2e-3;
/** Of all gradients, between devices whose kernels round activations differently. */
const COSINE = 0.999;
const MEMORISED_LOSS = 0.1;
const STEP = 5e-3;
const shape = { sequences: 2, sequenceLength: 32 };
const adamw = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 };

const { BaseModelFile, Device, Engine, layOut, lossWeightOf, Random, trainStep } =
  await loadTrainer();
const device = Device.open(options.device, 1);
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${device.info.name}, ${device.info.description}`,
);
const checks = {
  differences: [() => checkGradients("inputs"), () => checkGradients("results")],
  training: [compareWithCpu, memorise],
};
for (const [name, list] of Object.entries(checks)) {
  if (options.only !== undefined && options.only !== name) continue;
  for (const check of list) if (!(await check())) process.exitCode = 1;
}
device.dispose();

/** Central differences of the largest entries of each A and B. */
async function checkGradients(kept) {
  const { model, engine, batch, normaliser } = await prepare(device, "F32", kept);
  await engine.addGradients(batch, normaliser);
  let worst = { difference: 0, name: "" };
  for (const { name, value, gradient } of model.parameters.all) {
    const values = value.read();
    const gradients = gradient.read();
    const largest = [...gradients.keys()]
      .sort((a, b) => Math.abs(gradients[b]) - Math.abs(gradients[a]))
      .slice(0, 3);
    for (const entry of largest) {
      const at = async (delta) => {
        const moved = values.slice();
        moved[entry] += delta;
        value.write(moved);
        const { losses } = await engine.evaluate(batch);
        const loss = losses.reduce((sum, loss, i) => sum + loss * batch.weights[i], 0);
        return { loss: loss / normaliser, x: moved[entry] };
      };
      const [up, down] = [await at(STEP), await at(-STEP)];
      const numeric = (up.loss - down.loss) / (up.x - down.x);
      const analytic = gradients[entry];
      const difference = Math.abs(numeric - analytic) / (Math.abs(numeric) + Math.abs(analytic));
      if (!(difference <= worst.difference)) worst = { difference, name };
    }
    value.write(values);
  }
  engine.dispose();
  model.dispose();
  const how = kept === "results" ? "at once" : "layer by layer";
  return report(
    `gradients ${how} against finite differences: ${worst.difference.toExponential(1)} at worst (${worst.name}), ${DIFFERENCE} allowed`,
    worst.difference <= DIFFERENCE,
  );
}

/** Gradients through a quantised base on both devices. */
async function compareWithCpu() {
  const cpu = Device.open("cpu", 1);
  const [theirs, ours] = [await allGradients(cpu), await allGradients(device)];
  cpu.dispose();
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const cosine = dot(ours, theirs) / Math.sqrt(dot(ours, ours) * dot(theirs, theirs));
  return report(
    `gradients through a Q4_K_M base against the CPU's: cosine ${cosine.toFixed(5)}, ${COSINE} wanted`,
    cosine >= COSINE,
  );
}

async function allGradients(where) {
  const { kind } = where.info;
  const { model, engine, batch, normaliser } = await prepare(where, "Q4_K_M", "inputs", () => {
    // Without a GPU, its graphs are computed on the CPU: they transpose through eight bits.
    if (where === device) where.info.kind = "gpu";
  });
  await engine.addGradients(batch, normaliser);
  const gradients = model.parameters.all.flatMap(({ gradient }) => [...gradient.read()]);
  engine.dispose();
  model.dispose();
  where.info.kind = kind;
  return gradients;
}

async function memorise() {
  const file = await BaseModelFile.open(await syntheticModel("tiny", "Q4_K_M"));
  const lora = { rank: 16, alpha: 32, targets: undefined, seed: 1 };
  const model = await file.load(device, lora);
  await file.close();
  const engine = new Engine(model, { sequences: 8, sequenceLength: 32 }, adamw);
  const random = new Random(2);
  const sequences = Array.from({ length: 8 }, () => [piece(random, 32, () => 100)]);
  const losses = [];
  for (let step = 1; step <= 60; step++) {
    const order = { number: step, learningRate: 5e-3, seeds: [], judge: () => undefined };
    losses.push((await trainStep(engine, sequences, order)).loss);
  }
  engine.dispose();
  model.dispose();
  const [first, last] = [losses[0], losses.at(-1)];
  return report(
    `60 steps on eight random sequences: loss ${first.toFixed(2)} → ${last.toFixed(4)}, ${MEMORISED_LOSS} wanted`,
    last <= MEMORISED_LOSS,
  );
}

/** A model with corrections that are not zero, and a batch of several pieces. */
async function prepare(where, kind, kept, beforeGraphs = () => undefined) {
  const file = await BaseModelFile.open(await syntheticModel("tiny", kind));
  const model = await file.load(where, { rank: 4, alpha: 8, targets: undefined, seed: 3 });
  await file.close();
  const random = new Random(4);
  for (const { name, value } of model.parameters.all) {
    if (!name.endsWith("lora_b")) continue;
    value.write(new Float32Array(value.elements).map(() => 0.1 * random.normal()));
  }
  beforeGraphs();
  const engine = new Engine(model, shape, adamw, kept);
  const weight = (i) => (i % 3) * 50;
  const sequences = [
    [piece(random, 9, weight), piece(random, 1, weight), piece(random, 14, weight)],
    [piece(random, 20, weight), piece(random, 12, weight)],
  ];
  return { model, engine, batch: layOut(sequences, shape), normaliser: lossWeightOf(sequences) };
}

function piece(random, length, weightOf) {
  const tokens = Array.from({ length }, () => Math.floor(random.uniform() * 512));
  return { tokens, lossWeights: Array.from({ length }, (_, i) => weightOf(i)), predictFrom: 1 };
}

function report(text, isGood) {
  console.log(`${isGood ? "good" : "BAD "}  ${text}`);
  return isGood;
}
