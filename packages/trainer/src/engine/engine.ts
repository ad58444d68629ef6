import { Allocation, Graph, type GraphBuilder, GraphMemory, type Tensor } from "@repotune/ggml";
import type { MicroBatch } from "../data/micro-batch.ts";
import { BackwardPass, type BatchTensors, type ForwardPass } from "../layers/pass.ts";
import type { Model } from "../model/model.ts";
import { HeadRunner, type Predictions } from "./head-runner.ts";
import { type AdamWSettings, Optimizer } from "./optimizer.ts";

/** Shape of a micro-batch: what the device works on at once. */
export interface BatchShape {
  sequences: number;
  sequenceLength: number;
}

/**
 * Runs a model forwards and backwards.
 *
 * Only the layers' inputs are kept from the forward pass; the backward pass of a layer computes the
 * rest anew (Chen et al., https://arxiv.org/abs/1604.06174). All graphs are built once, and do the
 * same on every device.
 */
export class Engine {
  readonly model: Model;
  readonly shape: BatchShape;
  readonly #stored: Allocation<keyof BatchTensors | "rowIds">;
  readonly #states: Allocation;
  readonly #embed: Graph;
  readonly #forward: Graph[] = [];
  readonly #backward: Graph[] = [];
  readonly #embedBackward: Graph | undefined;
  readonly #head: HeadRunner;
  readonly #optimizer: Optimizer;
  readonly #memory: GraphMemory;
  readonly #stateGradient: Tensor;

  /**
   * Builds all graphs and reserves their memory.
   *
   * @throws {StageError} `E_MEMORY`, or `E_UNSUPPORTED` if the device lacks an operator.
   */
  constructor(model: Model, shape: BatchShape, settings: AdamWSettings) {
    const { device, config } = model;
    const { sequences: B, sequenceLength: T } = shape;
    const { embeddingLength: d, layers } = config;
    const n = B * T;
    this.model = model;
    this.shape = shape;
    const largest = Math.max(...[...model.weights].map(({ tensor }) => tensor.shape[1]));
    this.#stored = new Allocation(device, {
      tokens: ["I32", [n]],
      positions: ["I32", [n]],
      mask: ["F32", [T, T, 1, B]],
      rowIds: ["I32", [largest]],
    });
    const { rowIds, ...batch } = this.#stored.tensors;
    rowIds.write(Int32Array.from({ length: largest }, (_, i) => i));
    // Input of each layer, output of the last, and the gradient that moves from last to first.
    this.#states = new Allocation(
      device,
      Object.fromEntries(
        Array.from({ length: layers + 2 }, (_, i) => [`${i}`, ["F32", [d, n]]] as const),
      ),
    );
    const state = (i: number) => this.#states.tensors[`${i}`] as Tensor; // [d, n]
    const gradient = state(layers + 1); // [d, n]
    this.#stateGradient = gradient;

    const pass = (g: GraphBuilder): ForwardPass => ({
      g,
      model,
      batch,
      sequences: B,
      sequenceLength: T,
      rowIds,
    });
    const embedding = model.weight("token_embd.weight");
    this.#embed = new Graph(device, (g) => [
      g.copy(g.getRows(embedding.tensor, batch.tokens), state(0)),
    ]);
    const isEmbeddingTrained = embedding.parameter !== undefined;
    for (let i = 0; i < layers; i++) {
      const layer = (g: GraphBuilder) => model.architecture.layer(pass(g), i, state(i));
      this.#forward.push(new Graph(device, (g) => [g.copy(layer(g).y, state(i + 1))]));
      this.#backward.push(
        new Graph(device, (g) => {
          const back = new BackwardPass(pass(g));
          const wantsInput = i > 0 || isEmbeddingTrained;
          const dx = layer(g).backward(back, gradient, wantsInput);
          return dx ? [...back.updates, g.copy(dx, gradient)] : back.updates;
        }),
      );
    }
    const { parameter } = embedding;
    this.#embedBackward =
      parameter &&
      new Graph(device, (g) => [
        g.accumulate(
          parameter.gradient,
          g.getRowsBack(gradient, batch.tokens, parameter.value), // [d, vocabulary]
        ),
      ]);
    const run = (graph: Graph) => this.#memory.run(graph);
    this.#head = new HeadRunner(pass, model, state(layers), gradient, run);
    this.#optimizer = new Optimizer(model, settings, run);
    this.#memory = new GraphMemory(device, this.#graphs);
  }

  /** Bytes reserved on the device besides weights and parameters. */
  get bytes(): number {
    return this.#memory.bytes + this.#stored.bytes + this.#states.bytes;
  }

  /** Negative log-likelihood and best guess for each token that `batch` predicts. */
  async evaluate(batch: MicroBatch): Promise<Predictions> {
    await this.#runForward(batch);
    return this.#head.run(batch);
  }

  /**
   * Adds the gradient of Σ weight · loss / `normaliser` to the parameters' gradients.
   *
   * @returns that sum.
   */
  async addGradients(batch: MicroBatch, normaliser: number): Promise<number> {
    await this.#runForward(batch);
    this.#stateGradient.clear();
    const { losses } = await this.#head.run(batch, normaliser);
    for (const graph of this.#backward.toReversed()) await this.#memory.run(graph);
    if (this.#embedBackward) await this.#memory.run(this.#embedBackward);
    return (
      losses.reduce((sum, loss, i) => sum + loss * (batch.weights[i] as number), 0) / normaliser
    );
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
    this.#memory.dispose();
    this.#head.dispose();
    this.#optimizer.dispose();
    for (const graph of [this.#embed, ...this.#forward, ...this.#backward]) graph.dispose();
    this.#embedBackward?.dispose();
    this.#states.dispose();
    this.#stored.dispose();
  }

  get #graphs(): Graph[] {
    return [
      this.#embed,
      ...this.#forward,
      ...this.#backward,
      ...(this.#embedBackward ? [this.#embedBackward] : []),
      this.#head.lossGraph,
      this.#head.backwardGraph,
      this.#optimizer.normGraph,
      this.#optimizer.stepGraph,
    ];
  }

  async #runForward({ tokens, positions, mask }: MicroBatch): Promise<void> {
    const { tensors } = this.#stored;
    tensors.tokens.write(tokens);
    tensors.positions.write(positions);
    tensors.mask.write(mask);
    for (const graph of [this.#embed, ...this.#forward]) await this.#memory.run(graph);
  }
}
