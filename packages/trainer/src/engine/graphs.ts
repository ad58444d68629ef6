import { Graph, type GraphBuilder, type Tensor } from "@repotune/ggml";
import { type HeadTensors, headBackward, headLoss } from "../layers/head.ts";
import { BackwardPass, type ForwardPass } from "../layers/pass.ts";
import type { Model } from "../model/model.ts";

/** The graphs of a training step. */
export interface StepGraphs {
  /** Rows of the embedding, if the device looks them up; the layers, in order. */
  embed: Graph | undefined;
  forward: readonly Graph[];
  /** Loss of each part of the tokens, from the last layer's output. */
  loss: readonly Graph[];
  backward: WholeGraph | LayerGraphs;
}

/** Loss and gradients at once, from token ids on; nothing is computed twice. */
interface WholeGraph {
  whole: Graph;
}

/** The backward pass in pieces. */
interface LayerGraphs {
  /** Loss of each part of the tokens; adds to the gradient of the last layer's output. */
  loss: readonly Graph[];
  /** The layers, in order. */
  layers: readonly Graph[];
  /** The embedding, if it is trained. */
  embed: Graph | undefined;
}

/** All of them. */
export function graphsOf({ embed, forward, loss, backward }: StepGraphs): Graph[] {
  const pieces =
    "whole" in backward
      ? [backward.whole]
      : [...backward.loss, ...backward.layers, ...(backward.embed ? [backward.embed] : [])];
  return [...(embed ? [embed] : []), ...forward, ...loss, ...pieces];
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
 * @param isWhole builds the backward pass as one graph with a forward pass of its own. Otherwise only
 *   the layers' inputs are kept, and the backward pass of a layer computes the rest anew (Chen et al.,
 *   https://arxiv.org/abs/1604.06174).
 */
export function buildGraphs(
  model: Model,
  pass: PassOver,
  tensors: StepTensors,
  isWhole: boolean,
): StepGraphs {
  const { device, architecture, config } = model;
  const { states, head } = tensors;
  const first = states[0] as Tensor;
  const last = states[config.layers] as Tensor;
  // Where the table lies on the host, the first state is written from there.
  const embed = model.weight("token_embd.weight").isOnHost
    ? undefined
    : new Graph(device, (g) => [g.copy(embedding(pass(g)), first)]);
  const forward = Array.from(
    { length: config.layers },
    (_, i) =>
      new Graph(device, (g) => {
        const { y } = architecture.layer(pass(g), i, states[i] as Tensor);
        return [g.copy(y, states[i + 1] as Tensor)];
      }),
  );
  const loss = head.map((part) => new Graph(device, (g) => headLoss(pass(g), last, part)));
  const backward = isWhole
    ? { whole: wholeGraph(model, pass, head, first) }
    : layerGraphs(model, pass, tensors);
  return { embed, forward, loss, backward };
}

function layerGraphs(
  model: Model,
  pass: PassOver,
  { states, gradient, head }: StepTensors,
): LayerGraphs {
  const { device, architecture, config } = model;
  const backward = (define: (back: BackwardPass) => readonly Tensor[]) =>
    new Graph(device, (g) => {
      const back = new BackwardPass(pass(g));
      const results = define(back);
      return [...back.updates, ...results];
    });
  const last = states[config.layers] as Tensor;
  return {
    loss: head.map((part) =>
      backward((back) => [back.g.accumulate(gradient, headBackward(back, last, part))]),
    ),
    layers: Array.from({ length: config.layers }, (_, i) =>
      backward((back) => {
        const layer = architecture.layer(back.forward, i, states[i] as Tensor);
        const dx = layer.backward(back, gradient, wantsInput(model, i)); // [d, n]
        return dx ? [back.g.copy(dx, gradient)] : [];
      }),
    ),
    embed: wantsInput(model, 0)
      ? backward((back) => {
          embeddingBackward(back, gradient);
          return [];
        })
      : undefined,
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
