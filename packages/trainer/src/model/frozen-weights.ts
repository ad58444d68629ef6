import {
  Allocation,
  Device,
  dequantizeRows,
  type GgmlType,
  type GgufFile,
  Graph,
  type GraphBuilder,
  GraphMemory,
  isPackable,
  isQuantized,
  type Tensor,
  type TensorSpec,
} from "@repotune/ggml";
import type { WeightSpec } from "../architectures/architecture.ts";

const COPY_BYTES = 64 << 20;
const EMBEDDING = "token_embd.weight";
const EIGHT_BITS = "Q8_0";

/**
 * How frozen matrices lie on the device: `compact` takes what the file takes, and dequantises and
 * transposes each matrix anew in every backward pass; `fast` packs them for the CPU's kernels where
 * those can, on a CPU holds other quantised ones in eight bits, which multiply faster than five or six,
 * and keeps their transposes, in eight bits for quantised ones.
 */
export type WeightLayout = "compact" | "fast";

/** Where weights are read from: a model file. */
export type TensorSource = Pick<GgufFile, "tensor" | "read">;

/** A model file as a dry device reads it: zeros, as many as there are in the file. */
export const blankTensors = (file: GgufFile): TensorSource => ({
  tensor: (name) => file.tensor(name),
  read: async (tensor, start = 0, end = Number.POSITIVE_INFINITY) => {
    const { bytes } = typeof tensor === "string" ? file.tensor(tensor) : tensor;
    return new Uint8Array(Math.min(end, bytes) - start);
  },
});

/** A weight that is not trained. */
export interface FrozenWeight {
  name: string;
  /** `[in, out]`; as the file has it, packed, or in eight bits. */
  tensor: Tensor;
  /** `[out, in]`, where it is kept. */
  transposed?: Tensor;
  /** Set for a table of rows that lies in the host's memory, while the device has one of its own. */
  isOnHost?: true;
}

/** The weights of a model file on a device. */
export class FrozenWeights {
  readonly all: readonly FrozenWeight[];
  readonly #specs: readonly WeightSpec[];
  readonly #device: Device;
  /** Where the token embedding lies, if not on the device. */
  readonly #host: { device: Device; stored: Allocation } | undefined;
  readonly #weights: readonly Allocation[];
  readonly #transposed: Allocation | undefined;
  /** Names of packed matrices, which are written whole and cannot be read again. */
  readonly #packed: ReadonlySet<string>;

  /**
   * Reserves memory.
   *
   * @param typeOf type of a tensor in the file.
   * @throws {StageError} `E_MEMORY`.
   */
  constructor(
    device: Device,
    specs: readonly WeightSpec[],
    typeOf: (name: string) => GgmlType,
    layout: WeightLayout,
  ) {
    const isTied = !specs.some(({ name }) => name === "output.weight");
    const isFast = layout === "fast";
    const isCpu = device.info.kind === "cpu";
    // All that is asked of an embedding is some rows, unless it is the output matrix, too.
    const isHosted = !isCpu && !isTied;
    const hosted: Record<string, TensorSpec> = {};
    const packed: Record<string, TensorSpec> = {};
    const plain: Record<string, TensorSpec> = {};
    const transposed: Record<string, TensorSpec> = {};
    for (const { name, shape } of specs) {
      const [columns = 1, rows = 1] = shape;
      const isMatrix = shape.length > 1;
      // Biases and norms are added and multiplied element by element, for which they must be F32.
      const type = isMatrix ? typeOf(name) : "F32";
      if (isHosted && name === EMBEDDING) {
        hosted[name] = [type, shape];
        continue;
      }
      const isOnlyMultiplied = isMatrix && name !== EMBEDDING;
      const isPacked = isFast && isOnlyMultiplied && isPackable(device, type, columns, rows);
      const isInEightBits = isFast && isCpu && isOnlyMultiplied && !isPacked && isQuantized(type);
      (isPacked ? packed : plain)[name] = [isInEightBits ? EIGHT_BITS : type, shape];
      if (isFast && (isOnlyMultiplied || (isMatrix && isTied))) {
        transposed[name] = [transposedType(type, rows), [rows, columns]];
      }
    }
    const allocations = [
      new Allocation(device, plain),
      ...(Object.keys(packed).length > 0 ? [new Allocation(device, packed, "packed")] : []),
    ];
    const kept = isFast ? new Allocation(device, transposed) : undefined;
    if (isHosted) {
      const host = device.isDry ? Device.openDry("cpu", 1) : Device.open("cpu", 1);
      this.#host = { device: host, stored: new Allocation(host, hosted) };
    }
    this.#packed = new Set(Object.keys(packed));
    this.#device = device;
    this.#specs = specs;
    this.#weights = allocations;
    this.#transposed = kept;
    const places = [...allocations, ...(this.#host ? [this.#host.stored] : [])];
    this.all = specs.map(({ name }) => ({
      name,
      tensor: places.find(({ tensors }) => tensors[name])?.tensors[name] as Tensor,
      ...(kept?.tensors[name] && { transposed: kept.tensors[name] }),
      ...(hosted[name] && { isOnHost: true as const }),
    }));
  }

  /** Bytes taken on the device by the weights, but for their transposes. */
  get bytes(): number {
    return this.#weights.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Bytes taken in the host's memory, while the device has one of its own. */
  get hostBytes(): number {
    return this.#host?.stored.bytes ?? 0;
  }

  /** Bytes taken by transposes. */
  get transposedBytes(): number {
    return this.#transposed?.bytes ?? 0;
  }

  /** Reads the weights from their file. */
  async load(file: TensorSource): Promise<void> {
    for (const [i, { tensor, transposed }] of this.all.entries()) {
      const { name, shape } = this.#specs[i] as WeightSpec;
      const info = file.tensor(name);
      if (shape.length === 1) {
        const bytes = await file.read(info);
        tensor.write(dequantizeRows(info.type, bytes, 1, shape[0] as number));
      } else if (this.#packed.has(name) || tensor.type !== info.type) {
        const bytes = await file.read(info);
        const staged = new Allocation(this.#device, { plain: [info.type, shape] });
        const { plain } = staged.tensors;
        plain.write(bytes);
        if (this.#packed.has(name)) tensor.write(bytes);
        else await convertInto(this.#device, plain, tensor, (_, rows) => rows);
        if (transposed) await transposeInto(this.#device, plain, transposed);
        staged.dispose();
      } else {
        for (let at = 0; at < info.bytes; at += COPY_BYTES) {
          const end = Math.min(at + COPY_BYTES, info.bytes);
          tensor.write(await file.read(info, at, end), at);
        }
        if (transposed) await transposeInto(this.#device, tensor, transposed);
      }
    }
  }

  dispose(): void {
    for (const allocation of this.#weights) allocation.dispose();
    this.#transposed?.dispose();
    this.#host?.stored.dispose();
    this.#host?.device.dispose();
  }
}

/** Eight bits suffice for gradients through a quantised matrix, and multiply fastest. */
function transposedType(type: GgmlType, rows: number): GgmlType {
  if (!isQuantized(type)) return type;
  return rows % 32 === 0 ? EIGHT_BITS : "F32";
}

/** Dequantises `from` `[in, out]`, and stores it as `to` `[out, in]`. */
const transposeInto = (device: Device, from: Tensor, to: Tensor) =>
  convertInto(device, from, to, (g, rows) => g.transposed(rows));

/** Dequantises `from` `[in, out]`, and stores what `change` makes of it. */
async function convertInto(
  device: Device,
  from: Tensor,
  to: Tensor,
  change: (g: GraphBuilder, rows: Tensor) => Tensor,
): Promise<void> {
  const rows = from.shape[1];
  const ids = new Allocation(device, { rows: ["I32", [rows]] });
  ids.tensors.rows.write(Int32Array.from({ length: rows }, (_, i) => i));
  const graph = new Graph(device, (g) => [
    g.copy(change(g, g.getRows(from, ids.tensors.rows)), to),
  ]);
  const memory = new GraphMemory(device, [graph]);
  await memory.run(graph);
  for (const part of [memory, graph, ids]) part.dispose();
}
