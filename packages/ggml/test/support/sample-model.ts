import type { GgufValue } from "../../src/gguf/value.ts";
import { type GgufTensorSpec, GgufWriter } from "../../src/gguf/writer.ts";
import { quantizeRows } from "../../src/quantize.ts";
import type { GgmlType } from "../../src/types.ts";

/** What a sample model looks like; the rest is that of a small llama. */
export interface SampleModel {
  architecture?: string;
  layers?: number;
  width?: number;
  feedForward?: number;
  heads?: number;
  keyValueHeads?: number;
  /** Feed-forward blocks of each layer; more than one stand in one tensor. */
  experts?: number;
  isTied?: boolean;
  type?: GgmlType;
}

/** Rows of every matrix, whatever the model's sizes ask for: quantising looks at the columns alone. */
const ROWS = 16;

/** Writes a model with arbitrary weights, its tensors in an order that no tool would choose. */
export async function writeSampleModel(path: string, options: SampleModel = {}): Promise<string> {
  const { architecture = "llama", layers = 10, width = 256, feedForward = 256 } = options;
  const { heads = 4, keyValueHeads = 2, experts = 1, isTied = false, type = "F32" } = options;
  const matrix = (name: string, columns: number): GgufTensorSpec => ({
    name,
    type,
    shape: [columns, ROWS],
  });
  const vector = (name: string): GgufTensorSpec => ({ name, type: "F32", shape: [width] });
  const feed = (name: string, columns: number): GgufTensorSpec =>
    experts > 1
      ? { name: `${name}_exps.weight`, type, shape: [columns, ROWS, experts] }
      : matrix(`${name}.weight`, columns);
  const tensors = [
    vector("output_norm.weight"),
    ...(isTied ? [] : [matrix("output.weight", width)]),
    ...Array.from({ length: layers }, (_, layer) => layers - 1 - layer).flatMap((layer) => {
      const block = `blk.${layer}`;
      return [
        ...(architecture === "falcon" ? ["qkv"] : ["v", "q", "k"]).map((name) =>
          matrix(`${block}.attn_${name}.weight`, width),
        ),
        vector(`${block}.attn_v.bias`),
        vector(`${block}.attn_norm.weight`),
        matrix(`${block}.attn_output.weight`, width),
        feed(`${block}.ffn_down`, feedForward),
        feed(`${block}.ffn_gate`, width),
        feed(`${block}.ffn_up`, width),
        ...(experts > 1 ? [matrix(`${block}.ffn_gate_inp.weight`, width)] : []),
        vector(`${block}.ffn_norm.weight`),
      ];
    }),
    matrix("token_embd.weight", width),
  ];
  const u32 = (key: string, value: number): [string, GgufValue] => [
    `${architecture}.${key}`,
    { type: "u32", value },
  ];
  const f32 = (key: string, value: number): [string, GgufValue] => [
    `${architecture}.${key}`,
    { type: "f32", value },
  ];
  const writer = await GgufWriter.create(
    path,
    [
      ["general.architecture", { type: "string", value: architecture }],
      ["general.file_type", { type: "u32", value: 0 }],
      u32("vocab_size", 64),
      u32("context_length", 128),
      u32("embedding_length", width),
      u32("block_count", layers),
      u32("feed_forward_length", feedForward),
      u32("attention.head_count", heads),
      u32("attention.head_count_kv", keyValueHeads),
      f32("attention.layer_norm_rms_epsilon", 1e-5),
      f32("attention.layer_norm_epsilon", 1e-5),
      ...(experts > 1 ? [u32("expert_count", experts), u32("expert_used_count", 2)] : []),
      ["general.name", { type: "string", value: "sample" }],
    ],
    tensors,
  );
  let state = 1;
  // A linear congruential generator: plain, and the same everywhere.
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  for (const { name, type, shape } of tensors) {
    const [columns = 1] = shape;
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, next);
    await writer.write(name, quantizeRows(type, values, values.length / columns, columns));
  }
  return (await writer.commit()).path;
}
