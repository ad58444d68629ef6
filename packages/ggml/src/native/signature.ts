/** An address in the library's memory; `null` is C's `NULL`. */
export type Pointer = bigint | null;

/** C types that the bindings use, as koffi names them, and what stands for them in TypeScript. */
interface CTypes {
  void: undefined;
  "void *": Pointer;
  /** A pointer to data that may also lie in a typed array of ours. */
  "const void *": Pointer | ArrayBufferView;
  bool: boolean;
  int: number;
  uint8_t: number;
  int64_t: number;
  size_t: number;
  float: number;
  "const char *": string;
  ggml_init_params: { mem_size: number; mem_buffer: Pointer; no_alloc: boolean };
}

/** Result and parameters of a C function. */
export type Signature = readonly [keyof CTypes, readonly (keyof CTypes)[]];

type Arguments<P extends readonly (keyof CTypes)[]> = { [K in keyof P]: CTypes[P[K]] };

/** The TypeScript functions that belong to a table of C signatures. */
export type Functions<T extends Record<string, Signature>> = {
  readonly [Name in keyof T]: (...parameters: Arguments<T[Name][1]>) => CTypes[T[Name][0]];
};

/** Shorthands that keep the tables readable. */
export const P = "void *";
export const DATA = "const void *";
