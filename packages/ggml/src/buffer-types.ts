import type { Device } from "./device.ts";
import { native } from "./native/load.ts";
import { GGML_TYPES, type GgmlType } from "./types.ts";

/** Offset of `buffer` in `struct ggml_tensor` (ggml.h) where pointers take 8 bytes. */
const BUFFER_OFFSET = 8;
const POINTER_BYTES = 8;

/**
 * How tensors lie in memory: `plain` for every use, or `packed` for matrices that are only multiplied
 * with, in the order in which a CPU's kernels read them fastest (what llama.cpp does with the weights
 * that it loads). Packed tensors are written whole and cannot be read back.
 */
export type MemoryLayout = "plain" | "packed";

/** `ggml_backend_buffer_type_t` of memory on `device`; `undefined` if it has no such layout. */
export function bufferType(device: Device, layout: MemoryLayout): bigint | undefined {
  const lib = native();
  if (layout === "plain") {
    return lib.ggml_backend_get_default_buffer_type(device.backend) as bigint;
  }
  const registry = lib.ggml_backend_dev_backend_reg(device.handle);
  const list = lib.ggml_backend_reg_get_proc_address(registry, "ggml_backend_dev_get_extra_bufts");
  if (list === null || device.info.kind !== "cpu") return undefined;
  const types = lib.call(list, "ggml_backend_dev_get_extra_bufts_t", device.handle) as bigint;
  for (let offset = 0; ; offset += POINTER_BYTES) {
    const type = lib.decode(types, offset, "void *") as bigint | null;
    if (type === null) return undefined;
    if (lib.ggml_backend_buft_name(type) === "CPU_REPACK") return type;
  }
}

/**
 * Gives tensors a buffer of no size in place of memory, so that the library takes them for placed.
 *
 * @returns the buffer, to be freed after the tensors.
 */
export function placeNowhere(memory: bigint, tensors: readonly bigint[]): bigint {
  const lib = native();
  const buffer = lib.ggml_backend_buft_alloc_buffer(memory, 0) as bigint;
  for (const tensor of tensors) lib.encode(tensor, BUFFER_OFFSET, "void *", buffer);
  return buffer;
}

/** Whether matrices `[k, m]` of a type can be {@link MemoryLayout | packed} on `device`. */
export function isPackable(device: Device, type: GgmlType, k: number, m: number): boolean {
  const layout = bufferType(device, "packed");
  if (layout === undefined) return false;
  const lib = native();
  const context = lib.ggml_init({
    mem_size: 4 * lib.ggml_tensor_overhead(),
    mem_buffer: null,
    no_alloc: true,
  }) as bigint;
  const matrix = lib.ggml_new_tensor_4d(context, GGML_TYPES[type].id, k, m, 1, 1) as bigint;
  const buffer = placeNowhere(layout, [matrix]);
  try {
    const vectors = lib.ggml_new_tensor_4d(context, GGML_TYPES.F32.id, k, 32, 1, 1);
    const product = lib.ggml_mul_mat(context, matrix, vectors);
    return lib.ggml_backend_dev_supports_op(device.handle, product);
  } finally {
    lib.ggml_backend_buffer_free(buffer);
    lib.ggml_free(context);
  }
}
