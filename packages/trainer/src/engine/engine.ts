import {
  Allocation,
  type Graph,
  type GraphBuilder,
  GraphMemory,
  type Tensor,
} from "@repotune/ggml";
import type { MicroBatch } from "../data/micro-batch.ts";
import type { BatchTensors, ForwardPass } from "../layers/pass.ts";
import type { ModelConfig } from "../model/config.ts";
import type { Model } from "../model/model.ts";
import { AttentionMask } from "./attention-mask.ts";
import { Dropout } from "./dropout.ts";
import { buildGraphs, type StepGraphs } from "./graphs.ts";
import { HeadRunner, type Predictions } from "./head-runner.ts";
import { HostEmbedding } from "./host-embedding.ts";
import { computeLogits } from "./logits.ts";
import { type AdamWSettings, Optimizer } from "./optimizer.ts";

/** Where all intermediate results take less than this, they are kept instead of computed twice. */
const KEPT_BYTES = 2 ** 30;

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
  readonly #states: Allocation;
  readonly #gradient: Tensor;
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
   * @param keepsResults keeps the intermediate results of all layers for the backward pass, which
   *   makes it about a fifth faster; by default where they are small.
   * @throws {StageError} `E_MEMORY`, or `E_UNSUPPORTED` if the device lacks an operator.
   */
  constructor(
    model: Model,
    shape: BatchShape,
    settings: AdamWSettings,
    keepsResults = resultBytes(model.config, shape) < KEPT_BYTES,
  ) {
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
    this.#mask = new AttentionMask(device, shape);
    const { dropout } = model;
    this.#dropout = dropout > 0 ? new Dropout(device, model, dropout, n) : undefined;
    const { rowIds, ...batch } = this.#stored.tensors;
    rowIds.write(Int32Array.from({ length: largest }, (_, i) => i));
    // Input of each layer, output of the last, and the gradient that moves from last to first.
    this.#states = new Allocation(
      device,
      Object.fromEntries(
        Array.from({ length: layers + 2 }, (_, i) => [`${i}`, ["F32", [d, n]]] as const),
      ),
    );
    const all = Object.values(this.#states.tensors);
    this.#gradient = all.at(-1) as Tensor;
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
    this.#graphs = buildGraphs(
      model,
      pass,
      { states: all.slice(0, -1), gradient: this.#gradient, head: this.#head.parts },
      keepsResults,
    );
    this.#logits = (rows) => computeLogits(model, pass, all[layers] as Tensor, rows);
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
    await this.#runAll(this.#graphs.forward);
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
    const { forward, lossBackward, backward, whole } = this.#graphs;
    this.#write(batch);
    this.#dropout?.draw(seeds);
    let losses: Float32Array;
    if (whole && batch.rows.length <= this.#head.capacity) {
      ({ losses } = await this.#head.run(batch, normaliser, () => this.#memory.run(whole)));
    } else {
      await this.#runAll(forward);
      this.#gradient.clear();
      ({ losses } = await this.#head.run(batch, normaliser, (used) =>
        this.#runAll(lossBackward.slice(0, used)),
      ));
      await this.#runAll(backward);
    }
    const sum = losses.reduce((total, loss, i) => total + loss * (batch.weights[i] as number), 0);
    return sum / normaliser;
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
    const { forward, loss, lossBackward, backward, whole } = this.#graphs;
    const { normGraph, stepGraph } = this.#optimizer;
    const step = [...forward, ...loss, ...lossBackward, ...backward, normGraph, stepGraph];
    return whole ? [...step, whole] : step;
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

/** Roughly what the intermediate results of all layers take. */
function resultBytes(config: ModelConfig, { sequences, sequenceLength }: BatchShape): number {
  const { embeddingLength, feedForwardLength, heads, layers } = config;
  const numbers = 16 * embeddingLength + 6 * feedForwardLength + 3 * heads * sequenceLength;
  return 4 * numbers * layers * sequences * sequenceLength;
}
