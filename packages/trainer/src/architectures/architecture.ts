import type { GgufMetadata, GgufValue, Tensor } from "@repotune/ggml";
import type { Activation } from "../layers/activation.ts";
import type { BackwardPass, ForwardPass } from "../layers/pass.ts";
import type { ModelConfig, RopeConfig } from "../model/config.ts";

/** A weight that an architecture has. */
export interface WeightSpec {
  /** Name in GGUF. */
  name: string;
  shape: readonly number[];
  /** Whether a model may lack it. */
  isOptional?: boolean;
  /** Whether it is a table that the model computes with, and nothing to train. */
  isConstant?: boolean;
}

/** What the trainer must know of a model family. One file each. */
export interface Architecture {
  /** `general.architecture` of GGUF. */
  name: string;
  /** How activations are normalised, in the layers and after the last: RMSNorm or LayerNorm. */
  norm: "rms" | "layer";
  /** What the feed-forward block bends its input with. */
  activation: Activation;
  /**
   * Factor on the token embedding where it enters the first layer.
   *
   * @default 1
   */
  embeddingScale?(config: ModelConfig): number;
  /**
   * Rotary positions of layer `layer`.
   *
   * @default those of the model
   */
  rope?(config: ModelConfig, layer: number): RopeConfig;
  /**
   * Sizes and constants from a GGUF file's metadata.
   *
   * @throws {StageError} `E_UNSUPPORTED` for variants of the family that are computed otherwise.
   */
  readConfig(metadata: GgufMetadata, vocabularySize: number): ModelConfig;
  /** Metadata that {@link Architecture.readConfig} reads. */
  writeConfig(config: ModelConfig): [string, GgufValue][];
  /** All weights of a model, in the order that files have them. */
  weights(config: ModelConfig): WeightSpec[];
  /** Matrices of a layer that LoRA can correct, without `blk.N.` and `.weight`. */
  loraTargets: readonly string[];
  /**
   * Computes layer `layer`.
   *
   * @param x `[d, n]`
   * @returns the layer's output `[d, n]`, and a function that adds the backward pass: from the
   *   gradient of the output `[d, n]` to that of `x` (if wanted), adding up parameter gradients.
   */
  layer(
    pass: ForwardPass,
    layer: number,
    x: Tensor,
  ): {
    y: Tensor;
    backward: (pass: BackwardPass, dy: Tensor, wantsInput: boolean) => Tensor | undefined;
  };
}
