/** What is used of WebAssembly; Node's own declarations leave it to a browser's. */
interface WebAssembly {
  Memory: new (size: { initial: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (
    module: WasmModule,
    imports: Record<string, Record<string, unknown>>,
  ) => { exports: Record<string, unknown> };
}

/** Memory that a module works on; its buffer is another one once it has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB, to be added. */
  grow(pages: number): number;
}

/** A module, compiled. */
export type WasmModule = object;

export const webAssembly: WebAssembly = (globalThis as unknown as { WebAssembly: WebAssembly })
  .WebAssembly;
