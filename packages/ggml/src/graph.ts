import { StageError } from "@repotune/schema";
import type { Device } from "./device.ts";
import { native } from "./native/load.ts";
import { NetworkOperators } from "./ops/network.ts";
import type { Tensor } from "./tensor.ts";

/** Writes a graph down: each method adds one operator and gives its result. */
export class GraphBuilder extends NetworkOperators {}

/** A computation on a device, built once and run often. */
export class Graph {
  readonly device: Device;
  /** `ggml_cgraph` */
  readonly handle: bigint;
  readonly #context: bigint;
  readonly #builder: GraphBuilder;
  #isDisposed = false;

  /**
   * @param define adds operators to the builder, and returns the tensors that must be computed:
   *   results that lie in stored tensors, such as those of `copy` and `accumulate`. They are
   *   computed in this order as far as they depend on nothing else.
   * @throws {StageError} `E_INTERNAL` for shapes that do not fit, `E_UNSUPPORTED` if the device lacks
   *   an operator.
   */
  constructor(device: Device, define: (builder: GraphBuilder) => readonly Tensor[]) {
    const lib = native();
    this.device = device;
    this.#builder = new GraphBuilder();
    let outputs: readonly Tensor[];
    try {
      outputs = define(this.#builder);
    } catch (error) {
      this.#builder.dispose();
      throw error;
    }
    // Each node may have weights and inputs of its own, which count too.
    const size = 4 * (this.#builder.nodes + 1);
    this.#context = lib.ggml_init({
      mem_size: lib.ggml_graph_overhead_custom(size, false),
      mem_buffer: null,
      no_alloc: true,
    }) as bigint;
    this.handle = lib.ggml_new_graph_custom(this.#context, size, false) as bigint;
    for (const output of outputs) lib.ggml_build_forward_expand(this.handle, output.handle);
    try {
      this.#checkSupport();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Operators in the graph. */
  get nodes(): number {
    return native().ggml_graph_n_nodes(this.handle);
  }

  /** Frees the description of the graph; memory for its results belongs to {@link GraphMemory}. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    native().ggml_free(this.#context);
    this.#builder.dispose();
  }

  #checkSupport(): void {
    const lib = native();
    for (let i = 0; i < this.nodes; i++) {
      const node = lib.ggml_graph_node(this.handle, i);
      if (lib.ggml_backend_dev_supports_op(this.device.handle, node)) continue;
      throw new StageError(
        "E_UNSUPPORTED",
        `${this.device.info.name} cannot compute ${lib.ggml_op_desc(node)} on these types and shapes.`,
        { hint: "Use another device, e.g. cpu." },
      );
    }
  }
}

/**
 * Memory for the intermediate results of graphs that run one after another and share it.
 */
export class GraphMemory {
  /** Bytes taken on the device; where it is dry, that would be taken. */
  readonly bytes: number;
  readonly #device: Device;
  readonly #allocator: bigint;
  readonly #graphs: ReadonlySet<Graph>;
  #isDisposed = false;

  /**
   * Reserves what the largest of `graphs` needs and places all of them in it.
   *
   * @throws {StageError} `E_MEMORY` if the device has too little.
   */
  constructor(device: Device, graphs: readonly Graph[]) {
    const lib = native();
    const type = lib.ggml_backend_get_default_buffer_type(device.backend);
    this.#device = device;
    this.#graphs = new Set(graphs);
    this.#allocator = lib.ggml_gallocr_new(type) as bigint;
    const size = new BigUint64Array(1);
    const sizes = graphs.map(({ handle }) => {
      lib.ggml_gallocr_reserve_n_size(this.#allocator, handle, null, null, size);
      return Number(size[0]);
    });
    this.bytes = Math.max(...sizes);
    device.memory.add(this.bytes);
    if (device.isDry) return;
    // All reservations come first: one that grows the memory would move it under placed graphs.
    const isPlaced =
      graphs.every(({ handle }) => lib.ggml_gallocr_reserve(this.#allocator, handle)) &&
      graphs.every(({ handle }) => lib.ggml_gallocr_alloc_graph(this.#allocator, handle));
    if (isPlaced) return;
    this.dispose();
    throw new StageError(
      "E_MEMORY",
      `${device.info.name} has no room for the graphs' intermediate results, ${Math.ceil(this.bytes / 2 ** 20).toLocaleString("en-US")} MiB.`,
    );
  }

  /**
   * Bytes of host memory that a CPU's kernels take besides, for inputs in the form that they multiply;
   * on other devices 0.
   */
  get workBytes(): number {
    const { info, backend } = this.#device;
    if (info.kind !== "cpu") return 0;
    const lib = native();
    const sizes = [...this.#graphs].map(({ handle }) => {
      const plan = lib.ggml_backend_graph_plan_create(backend, handle) as bigint;
      // It begins with `size_t work_size` (struct ggml_cplan in ggml-cpu.h).
      const size = lib.decode(plan, 0, "size_t");
      lib.ggml_backend_graph_plan_free(backend, plan);
      return Number(size);
    });
    return Math.max(...sizes);
  }

  /**
   * Runs a graph on another thread; one at a time. On a dry device nothing happens.
   *
   * @throws {StageError} `E_INTERNAL` if the graph does not belong here or the device fails.
   */
  async run(graph: Graph): Promise<void> {
    if (!this.#graphs.has(graph)) {
      throw new StageError("E_INTERNAL", "The graph was not placed in this memory.");
    }
    const { info, backend, isDry } = this.#device;
    if (isDry) return;
    const status = await native().computeAsync(backend, graph.handle);
    if (status === 0) return;
    throw new StageError("E_INTERNAL", `${info.name} failed with status ${status}.`);
  }

  /** Gives the memory back. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    native().ggml_gallocr_free(this.#allocator);
    this.#device.memory.add(-this.bytes);
  }
}
