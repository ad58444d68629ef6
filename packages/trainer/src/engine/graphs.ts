import { Graph, type GraphBuilder, type Tensor } from "@repotune/ggml";
import { type HeadTensors, headBackward, headLoss } from "../layers/head.ts";
import { BackwardPass, type ForwardPass } from "../layers/pass.ts";
import type { Model } from "../model/model.ts";

/** The graphs of a training step. */
export interface StepGraphs {
  /** Embedding and layers, in order. */
  forward: readonly Graph[];
  /** Loss of each part of the tokens, from the last layer's output. */
  loss: readonly Graph[];
  /**
   * Loss and gradients at once, instead of all the others; only where memory allows.
   */
  whole?: Graph | undefined;
  /** Loss of each part of the tokens; adds to the gradient of the last layer's output. */
  lossBackward: readonly Graph[];
  /** Layers and embedding, in backward order. */
  backward: readonly Graph[];
}

/** What the graphs read and write. */
export interface StepTensors {
  /** Input of each layer and output of the last, `[d, n]` each. */
  states: readonly Tensor[];
  /** Gradient of the state that the backward pass has come to, `[d, n]`. */
  gradient: Tensor;
  /** Tokens to predict, in parts. */
  head: readonly HeadTensors[];
}

type PassOver = (g: GraphBuilder) => ForwardPass;

/**
 * Builds the graphs of a step, layer by layer.
 *
 * Only the layers' inputs are kept from the forward pass; the backward pass of a layer computes the
 * rest anew (Chen et al., https://arxiv.org/abs/1604.06174).
 *
 * @param isWhole builds one graph over everything, too.
 */
export function buildGraphs(
  model: Model,
  pass: PassOver,
  tensors: StepTensors,
  isWhole: boolean,
): StepGraphs {
  const { device, architecture } = model;
  const { states, gradient, head } = tensors;
  const layers = [...Array(model.config.layers).keys()];
  const last = states[layers.length] as Tensor;
  const layerOf = (p: ForwardPass, i: number) => architecture.layer(p, i, states[i] as Tensor);

  const first = states[0] as Tensor;
  // Where the table lies on the host, the first state is written from there.
  const embed = model.weight("token_embd.weight").isOnHost
    ? []
    : [new Graph(device, (g) => [g.copy(embedding(pass(g)), first)])];
  const forward = layers.map(
    (i) => new Graph(device, (g) => [g.copy(layerOf(pass(g), i).y, states[i + 1] as Tensor)]),
  );
  const loss = head.map((part) => new Graph(device, (g) => headLoss(pass(g), last, part)));
  const lossBackward = head.map(
    (part) =>
      new Graph(device, (g) => {
        const back = new BackwardPass(pass(g));
        const dx = headBackward(back, last, part); // [d, n]
        return [...back.updates, g.accumulate(gradient, dx)];
      }),
  );
  const backward = layers.map(
    (i) =>
      new Graph(device, (g) => {
        const back = new BackwardPass(pass(g));
        const dx = layerOf(back.forward, i).backward(back, gradient, wantsInput(model, i));
        return dx ? [...back.updates, g.copy(dx, gradient)] : back.updates;
      }),
  );
  const embedBackward = new Graph(device, (g) => {
    const back = new BackwardPass(pass(g));
    embeddingBackward(back, gradient);
    return back.updates;
  });
  const isEmbeddingTrained = wantsInput(model, 0);
  if (!isEmbeddingTrained) embedBackward.dispose();
  return {
    forward: [...embed, ...forward],
    loss,
    whole: isWhole ? wholeGraph(model, pass, head, first) : undefined,
    lossBackward,
    backward: [...backward.toReversed(), ...(isEmbeddingTrained ? [embedBackward] : [])],
  };
}

/** Everything from token ids to gradients, without computing anything twice. */
function wholeGraph(
  model: Model,
  pass: PassOver,
  head: readonly HeadTensors[],
  first: Tensor,
): Graph {
  const { device, architecture, config } = model;
  return new Graph(device, (g) => {
    const back = new BackwardPass(pass(g));
    const { isOnHost } = model.weight("token_embd.weight");
    let x = isOnHost ? first : embedding(back.forward); // [d, n]
    const layers = [...Array(config.layers).keys()].map((i) => {
      const layer = architecture.layer(back.forward, i, x);
      x = layer.y;
      return layer;
    });
    let dx: Tensor | undefined = head
      .map((part) => headBackward(back, x, part)) // [d, n] each
      .reduce((sum, part) => g.add(sum, part));
    for (const i of [...layers.keys()].reverse()) {
      dx = layers[i]?.backward(back, dx as Tensor, wantsInput(model, i));
    }
    if (dx) embeddingBackward(back, dx);
    return back.updates;
  });
}

/** Rows of the embedding, scaled as the architecture wants them, `[d, n]`. */
const embedding = ({ g, model, batch }: ForwardPass) =>
  scaled(g, model, g.getRows(model.weight("token_embd.weight").tensor, batch.tokens));

function embeddingBackward(back: BackwardPass, dx: Tensor): void {
  const { model, batch } = back.forward;
  const { parameter } = model.weight("token_embd.weight");
  if (!parameter) return;
  const dRows = scaled(back.g, model, dx); // [d, n]
  const update = back.g.getRowsBack(dRows, batch.tokens, parameter.value); // [d, vocabulary]
  back.addGradient(parameter.gradient, update);
}

function scaled(g: GraphBuilder, { architecture, config }: Model, x: Tensor): Tensor {
  const factor = architecture.embeddingScale?.(config) ?? 1;
  return factor === 1 ? x : g.scale(x, factor);
}

/** Whether anything below layer `i` is trained. */
const wantsInput = (model: Model, i: number) =>
  i > 0 || model.weight("token_embd.weight").parameter !== undefined;
