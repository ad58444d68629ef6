import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/**
 * Bytes of stack for tree-sitter. Its parser calls itself once for each level of nesting where a
 * grammar is ambiguous; the 64 KiB that it is built with are full at some thousand levels, and what
 * overflows them overwrites its data. With this many, the stack of Node is full first, which is an
 * error that can be caught.
 */
const STACK_BYTES = 8 << 20;

/** What is used of the WebAssembly interface, which Node's types leave out. */
interface WebAssemblyInterface {
  compile(data: Uint8Array): Promise<object>;
  instantiate(module: object, imports: Imports): Promise<Instance>;
  RuntimeError: new () => Error;
}
type Imports = { env: { __stack_pointer: { value: number } } };
type Instance = { exports: { malloc(bytes: number): number } };

const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;

let stack: { pointer: { value: number }; top: number } | undefined;
let start: Promise<void> | undefined;

/** Starts the WebAssembly of tree-sitter, at the first call. */
export function startRuntime(): Promise<void> {
  start ??= instantiate();
  return start;
}

/** Whether an error comes from a stack that is full, or from what WebAssembly does not allow. */
export const isRuntimeError = (error: unknown): boolean =>
  error instanceof RangeError || error instanceof wasm.RuntimeError;

/** Makes the runtime usable again after such an error. */
export function recoverRuntime(): void {
  if (stack) stack.pointer.value = stack.top;
}

async function instantiate(): Promise<void> {
  const { Parser } = await import("web-tree-sitter");
  const path = createRequire(import.meta.url).resolve("web-tree-sitter/web-tree-sitter.wasm");
  const module = await wasm.compile(await readFile(path));
  let started: { instance: Instance; imports: Imports } | undefined;
  await Parser.init({
    instantiateWasm(imports: Imports, receive: (instance: Instance, module: object) => void) {
      wasm.instantiate(module, imports).then((instance) => {
        started = { instance, imports };
        receive(instance, module);
      });
      return {};
    },
  });
  if (!started) return;
  // Nothing is on the old stack now.
  const { instance, imports } = started;
  const top = (instance.exports.malloc(STACK_BYTES) + STACK_BYTES) & ~15;
  stack = { pointer: imports.env.__stack_pointer, top };
  recoverRuntime();
}
