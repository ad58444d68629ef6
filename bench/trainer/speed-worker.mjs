// A child process of speed.mjs: trains, or lets llama.cpp read a prompt, each time it is told to.
//
//     speed-worker.mjs BUNDLE JSON
import { loadTrainer, requireFromGgml, trainerBundle } from "./load-trainer.mjs";

const [bundle, json] = process.argv.slice(2);
trainerBundle(bundle);
/** @type {{ role: "training" | "llama.cpp", path: string, length: number, threads: number, layouts: string[] }} */
const job = JSON.parse(json);
/** Shorter measurements are repeated. */
const MIN_SECONDS = 1;
/** Tokens of a training step (the trainer's own default for LoRA). */
const BATCH_TOKENS = 2048;

const { runs, plan } = await (job.role === "training" ? training() : llamaCpp());
process.on("message", async () => process.send({ ...(await measure()), plan }));
for (const { work } of runs) await work(); // fills caches
process.send("ready");

/** Tokens a second of the fastest way to do the work. */
async function measure() {
  const speeds = [];
  for (const { tokens, work } of runs) {
    const began = performance.now();
    const cpu = process.cpuUsage();
    let count = 0;
    let seconds = 0;
    do {
      await work();
      count += tokens;
      seconds = (performance.now() - began) / 1000;
    } while (seconds < MIN_SECONDS);
    const { user, system } = process.cpuUsage(cpu);
    speeds.push({ wall: count / seconds, cpu: (1e6 * count) / (user + system) });
  }
  const best = (clock) => Math.max(...speeds.map((speed) => speed[clock]));
  return { wall: best("wall"), cpu: best("cpu") };
}

/** Whole steps, in the way that the trainer would choose here for a batch of so many tokens. */
async function training() {
  const { BaseModelFile, Device, Engine, planMemory, Random, trainStep } = await loadTrainer();
  const { length: sequenceLength, threads } = job;
  const batchSize = Math.max(1, Math.round(BATCH_TOKENS / sequenceLength));
  const file = await BaseModelFile.open(job.path);
  const load = (device, layout) =>
    file.load(device, { rank: 16, alpha: 32, targets: undefined, seed: 1 }, layout);
  const request = { device: "cpu", threads, load, layouts: job.layouts, sequenceLength, batchSize };
  const plan = await planMemory(request);
  const device = Device.open("cpu", threads);
  const model = await load(device, plan.weight_layout);
  await file.close();
  const shape = { sequences: plan.micro_batch_size, sequenceLength };
  const adamw = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 };
  const engine = new Engine(model, shape, adamw, plan.kept);
  const random = new Random(1);
  const { vocabularySize } = model.config;
  const sequences = Array.from({ length: batchSize }, () => [
    {
      tokens: Int32Array.from({ length: sequenceLength }, () =>
        Math.floor(random.uniform() * vocabularySize),
      ),
      lossWeights: new Uint8Array(sequenceLength).fill(100),
      predictFrom: 1,
    },
  ]);
  const order = { number: 0, learningRate: 1e-4, seeds: [], judge: () => undefined };
  const work = () => {
    order.number += 1;
    return trainStep(engine, sequences, order);
  };
  return { runs: [{ tokens: batchSize * sequenceLength, work }], plan };
}

/** In batches of 512 as is its habit, and of the whole prompt; its other settings as they come. */
async function llamaCpp() {
  const { getLlama, LlamaLogLevel } = await import(requireFromGgml.resolve("node-llama-cpp"));
  const { length, threads } = job;
  const llama = await getLlama({
    gpu: false,
    build: "never",
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: job.path });
  const tokens = Array.from(
    { length },
    (_, i) => 3 + ((i * 7919) % (model.fileInfo.metadata.llama.vocab_size - 3)),
  );
  const runs = [];
  for (const batchSize of new Set([Math.min(length, 512), length])) {
    const context = await model.createContext({ contextSize: length + 256, batchSize, threads });
    const sequence = context.getSequence();
    const work = async () => {
      await sequence.clearHistory();
      await sequence.evaluateWithoutGeneratingNewTokens(tokens);
    };
    runs.push({ tokens: length, work });
  }
  return { runs, plan: undefined };
}
