import {
  Allocation,
  type Graph,
  type GraphBuilder,
  GraphMemory,
  type Tensor,
} from "@repotune/ggml";
import type { MicroBatch } from "../data/micro-batch.ts";
import type { BatchTensors, ForwardPass } from "../layers/pass.ts";
import type { Model } from "../model/model.ts";
import { AttentionMask } from "./attention-mask.ts";
import { Dropout } from "./dropout.ts";
import { buildGraphs, graphsOf, type StepGraphs } from "./graphs.ts";
import { HeadRunner, type Predictions } from "./head-runner.ts";
import { HostEmbedding } from "./host-embedding.ts";
import { type Kept, LayerStates } from "./layer-states.ts";
import { computeLogits } from "./logits.ts";
import { type AdamWSettings, Optimizer } from "./optimizer.ts";

/** Shape of a micro-batch: what the device works on at once. */
export interface BatchShape {
  sequences: number;
  sequenceLength: number;
}

/** Bytes that an engine takes. */
export interface EngineMemory {
  /** What is written for each micro-batch, and other small tensors. */
  batch: number;
  /** Inputs of the layers, output of the last, and a gradient. */
  states: number;
  /** Intermediate results of the graphs, which share their memory. */
  results: number;
  /** Working memory of a CPU's kernels. */
  work: number;
}

/** Runs a model forwards and backwards. All graphs are built once, the same for every device. */
export class Engine {
  readonly model: Model;
  readonly shape: BatchShape;
  readonly #stored: Allocation<keyof BatchTensors | "rowIds">;
  readonly #mask: AttentionMask;
  readonly #dropout: Dropout | undefined;
  readonly #states: LayerStates;
  readonly #embedding: HostEmbedding | undefined;
  readonly #graphs: StepGraphs;
  readonly #head: HeadRunner;
  readonly #optimizer: Optimizer;
  readonly #memory: GraphMemory;
  readonly #bytes: number;
  readonly #logits: (rows: Int32Array) => Promise<Float32Array>;

  /**
   * Builds all graphs and reserves their memory.
   *
   * @param kept what the forward pass leaves for the backward pass, which is about a fifth faster with
   *   all results; the memory plan says what fits. @default "results"
   * @throws {StageError} `E_MEMORY`, or `E_UNSUPPORTED` if the device lacks an operator.
   */
  constructor(model: Model, shape: BatchShape, settings: AdamWSettings, kept: Kept = "results") {
    const { device, config } = model;
    const { sequences: B, sequenceLength: T } = shape;
    const { embeddingLength: d, layers, vocabularySize } = config;
    const n = B * T;
    const reserved = device.memory.reserved;
    this.model = model;
    this.shape = shape;
    const largest = Math.max(...[...model.weights].map(({ tensor }) => tensor.shape[1]));
    this.#stored = new Allocation(device, {
      tokens: ["I32", [n]],
      positions: ["I32", [n]],
      rowIds: ["I32", [largest]],
    });
    this.#mask = new AttentionMask(model, shape);
    const { dropout } = model;
    this.#dropout = dropout > 0 ? new Dropout(device, model, dropout, n) : undefined;
    const { rowIds, ...batch } = this.#stored.tensors;
    rowIds.write(Int32Array.from({ length: largest }, (_, i) => i));
    this.#states = new LayerStates(device, layers, [d, n], kept);
    const { isOnHost } = model.weight("token_embd.weight");
    this.#embedding = isOnHost ? new HostEmbedding(model) : undefined;
    this.#head = new HeadRunner(device, vocabularySize, n);

    const pass = (g: GraphBuilder): ForwardPass => ({
      g,
      model,
      batch,
      blocks: this.#mask.blocks,
      sequences: B,
      sequenceLength: T,
      rowIds,
      dropout: this.#dropout,
    });
    const { tensors: states, gradient } = this.#states;
    const tensors = { states, gradient, head: this.#head.parts };
    this.#graphs = buildGraphs(model, pass, tensors, kept === "results");
    this.#logits = (rows) => computeLogits(model, pass, states[layers] as Tensor, rows);
    this.#optimizer = new Optimizer(model, settings, (graph) => this.#memory.run(graph));
    this.#memory = new GraphMemory(device, this.#allGraphs);
    this.#bytes = device.memory.reserved - reserved;
  }

  /** Bytes reserved on the device besides weights and parameters. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What {@link Engine.bytes} consist of, and what a CPU's kernels take besides. */
  get memory(): EngineMemory {
    const states = this.#states.bytes;
    const results = this.#memory.bytes;
    const batch = this.#bytes - states - results;
    return { batch, states, results, work: this.#memory.workBytes };
  }

  /** Negative log-likelihood and best guess for each token that `batch` predicts. */
  async evaluate(batch: MicroBatch): Promise<Predictions> {
    this.#write(batch);
    this.#dropout?.disable();
    await this.#runForward(false);
    return this.#head.run(batch, 1, (used) => this.#runAll(this.#graphs.loss.slice(0, used)));
  }

  /**
   * Logits of all tokens after some rows of the batch that was evaluated last.
   *
   * @returns `[vocabulary, rows]`, the vocabulary being the inner dimension.
   */
  logits(rows: Int32Array): Promise<Float32Array> {
    return this.#logits(rows);
  }

  /**
   * Adds the gradient of Σ weight · loss / `normaliser` to the parameters' gradients.
   *
   * @param seeds numbers that dropout follows from, if the model has it.
   * @returns that sum.
   */
  async addGradients(
    batch: MicroBatch,
    normaliser: number,
    seeds: readonly number[] = [],
  ): Promise<number> {
    const { backward } = this.#graphs;
    this.#write(batch);
    this.#dropout?.draw(seeds);
    if ("whole" in backward) {
      const { losses } = await this.#head.run(batch, normaliser, () =>
        this.#memory.run(backward.whole),
      );
      return weightedMean(losses, batch, normaliser);
    }
    await this.#runForward(true);
    this.#states.gradient.clear();
    const { losses } = await this.#head.run(batch, normaliser, (used) =>
      this.#runAll(backward.loss.slice(0, used)),
    );
    for (const [i, graph] of [...backward.layers.entries()].reverse()) {
      this.#states.restore(i);
      await this.#memory.run(graph);
    }
    if (backward.embed) await this.#memory.run(backward.embed);
    return weightedMean(losses, batch, normaliser);
  }

  /** L2 norm over all gradients. */
  gradientNorm(): Promise<number> {
    return this.#optimizer.gradientNorm();
  }

  /** Takes an optimizer step with the gradients added up so far, and clears them. */
  async step(step: number, learningRate: number, gradientNorm: number): Promise<void> {
    await this.#optimizer.step(step, learningRate, gradientNorm);
    this.model.parameters.clearGradients();
  }

  dispose(): void {
    this.#dropout?.dispose();
    this.#memory.dispose();
    for (const graph of this.#allGraphs) graph.dispose();
    this.#optimizer.dispose();
    this.#head.dispose();
    this.#mask.dispose();
    this.#states.dispose();
    this.#stored.dispose();
  }

  get #allGraphs(): Graph[] {
    const { normGraph, stepGraph } = this.#optimizer;
    return [...graphsOf(this.#graphs), normGraph, stepGraph];
  }

  /** @param isKept whether the layers' inputs are wanted afterwards. */
  async #runForward(isKept: boolean): Promise<void> {
    const { embed, forward } = this.#graphs;
    if (embed) await this.#memory.run(embed);
    for (const [i, graph] of forward.entries()) {
      if (isKept) this.#states.keep(i);
      await this.#memory.run(graph);
    }
  }

  async #runAll(graphs: readonly Graph[]): Promise<void> {
    for (const graph of graphs) await this.#memory.run(graph);
  }

  #write({ tokens, positions, mask }: MicroBatch): void {
    const { tensors } = this.#stored;
    tensors.tokens.write(tokens);
    tensors.positions.write(positions);
    this.#mask.write(mask);
    if (this.#embedding) this.#states.tensors[0]?.write(this.#embedding.lookUp(tokens));
  }
}

/** Σ weight · loss / `normaliser` */
function weightedMean(losses: Float32Array, { weights }: MicroBatch, normaliser: number): number {
  const sum = losses.reduce((total, loss, i) => total + loss * (weights[i] as number), 0);
  return sum / normaliser;
}
