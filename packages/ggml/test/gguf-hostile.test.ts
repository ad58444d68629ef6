import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isStageError } from "@repotune/schema";
import koffi from "koffi";
import { afterAll, expect, test, vi } from "vitest";
import { GgufFile } from "../src/gguf/file.ts";
import { native } from "../src/native/load.ts";
import { findLibrary } from "../src/native/locate.ts";
import { GGML_TYPES } from "../src/types.ts";
import { everyType, someTensors, writeSample } from "./support/sample-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "gguf-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MUTATIONS = 10_000;

/** A mulberry32 generator. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * limit);
  };
}

const NUMBERS = [
  0n,
  1n,
  2n,
  255n,
  65536n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** `original` with one to three changes: bytes, numbers, cuts, insertions, pieces moved. */
function mutate(original: Buffer, below: (limit: number) => number): Buffer {
  let bytes = Buffer.from(original);
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(Math.max(1, bytes.length));
    switch (below(6)) {
      case 0:
        bytes[at] = below(256);
        break;
      case 1:
        if (at + 8 <= bytes.length)
          bytes.writeBigUInt64LE(NUMBERS[below(NUMBERS.length)] ?? 0n, at);
        break;
      case 2:
        if (at + 4 <= bytes.length) bytes.writeUInt32LE(below(50), at);
        break;
      case 3:
        bytes = bytes.subarray(0, at);
        break;
      case 4:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.alloc(1 + below(9)),
          bytes.subarray(at),
        ]);
        break;
      default:
        bytes.copyWithin(at, below(bytes.length), bytes.length);
    }
  }
  return bytes;
}

/** Where this reader is stricter than ggml's, which does not look at the data, for one. */
const STRICTER = [
  /is cut off in the data of tensor/,
  /impossible (length|shape)/,
  /for a boolean/,
  /a NUL in its name/,
  /an array of arrays/,
];

test(`${MUTATIONS} mutations of a file are read as ggml reads them, or refused, in little memory`, async () => {
  const sample = join(folder, "sample.gguf");
  const original = readFileSync(await writeSample(sample, everyType, someTensors));
  const below = seeded(1);
  const path = join(folder, "mutant.gguf");
  const allocate = vi.spyOn(Buffer, "alloc");
  const readNatively = nativeReader();
  const outcomes = new Map<string, number>();
  for (let i = 0; i < MUTATIONS; i++) {
    const bytes = mutate(original, below);
    writeFileSync(path, bytes);
    allocate.mockClear();
    const outcome = await GgufFile.open(path).catch((error: unknown) => error);
    const allocated = allocate.mock.calls.reduce((sum, [size]) => sum + size, 0);
    const tensors = readNatively(path);
    if (outcome instanceof GgufFile) {
      const ours = [...outcome.tensors.values()];
      for (const tensor of ours) await outcome.read(tensor);
      await outcome.close();
      expect(tensors, `mutation ${i}`).toEqual(
        ours.map(({ name, type, offset, bytes }) => [
          name,
          GGML_TYPES[type].id,
          outcome.dataStart + offset,
          bytes,
        ]),
      );
    } else if (!isStageError(outcome)) {
      throw new Error(`Mutation ${i} is neither read nor refused.`, { cause: outcome });
    } else if (tensors && !STRICTER.some((reason) => reason.test(outcome.message))) {
      throw new Error(`ggml takes mutation ${i}.`, { cause: outcome });
    }
    if (allocated > bytes.length) throw new Error(`Mutation ${i} made it allocate ${allocated}.`);
    const code = isStageError(outcome) ? outcome.code : "read";
    outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
  }
  // All kinds of outcome are there in numbers, or the mutations would show little.
  for (const outcome of ["read", "E_INPUT", "E_TRUNCATED", "E_UNSUPPORTED"]) {
    expect(outcomes.get(outcome), outcome).toBeGreaterThan(100);
  }
}, 120_000);

/** Tensors as ggml's own reader finds them, or nothing where it refuses the file. */
function nativeReader() {
  // This also keeps ggml's complaints off the terminal.
  const base = koffi.load(findLibrary(native().build, "ggml-base"));
  const parameters = koffi.struct({ no_alloc: "bool", ctx: "void *" });
  const open = base.func("gguf_init_from_file", "void *", ["const char *", parameters]);
  const free = base.func("gguf_free", "void", ["void *"]);
  const count = base.func("gguf_get_n_tensors", "int64_t", ["void *"]);
  const start = base.func("gguf_get_data_offset", "size_t", ["void *"]);
  const [name, type, offset, size] = [
    ["gguf_get_tensor_name", "const char *"],
    ["gguf_get_tensor_type", "int"],
    ["gguf_get_tensor_offset", "size_t"],
    ["gguf_get_tensor_size", "size_t"],
  ].map(([name = "", result = ""]) => base.func(name, result, ["void *", "int64_t"]));
  return (path: string) => {
    const gguf = open(path, { no_alloc: true, ctx: null });
    if (gguf === null) return undefined;
    const tensors = Array.from({ length: count(gguf) }, (_, i) => [
      name?.(gguf, i),
      type?.(gguf, i),
      start(gguf) + offset?.(gguf, i),
      size?.(gguf, i),
    ]);
    free(gguf);
    return tensors;
  };
}
