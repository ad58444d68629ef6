import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { readGgufFileInfo } from "node-llama-cpp";
import { afterAll, describe, expect, test } from "vitest";
import { GgufFile } from "../src/gguf/file.ts";
import { GGUF_VALUE_TYPES } from "../src/gguf/value.ts";
import { findBuilds, findLibrary, sharedBuild } from "../src/native/locate.ts";
import { GGML_TYPES, tensorBytes } from "../src/types.ts";
import { everyType, patternOf, someTensors, writeSample } from "./support/sample-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "gguf-native-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Gguf = bigint;
const base = koffi.load(findLibrary(sharedBuild(findBuilds()), "ggml-base"));
const parameters = koffi.struct({ no_alloc: "bool", ctx: "void *" });
const open = base.func("gguf_init_from_file", "void *", ["const char *", parameters]);
const count = (name: string): ((gguf: Gguf) => number) => base.func(name, "int64_t", ["void *"]);
const of = <T>(name: string, result: string): ((gguf: Gguf, index: number) => T) =>
  base.func(name, result, ["void *", "int64_t"]);
/** Opens a file with ggml's own reader. */
function openNatively(path: string): Gguf {
  const gguf = open(path, { no_alloc: true, ctx: null });
  if (gguf === null) throw new Error(`ggml cannot read ${path}.`);
  return gguf;
}

/** Writes the sample with ggml's own writer, its metadata being those of `gguf`. */
function writeNatively(gguf: Gguf, path: string): void {
  const call = (name: string, result: string, types: unknown[], ...values: unknown[]) =>
    base.func(name, result, types as string[])(...values);
  const memory = koffi.struct({ bytes: "size_t", buffer: "void *", no_alloc: "bool" });
  const options = { bytes: 1 << 16, buffer: null, no_alloc: true };
  const context = call("ggml_init", "void *", [memory], options);
  const copy = call("gguf_init_empty", "void *", []);
  call("gguf_set_kv", "void", ["void *", "void *"], copy, gguf);
  // ggml keeps the addresses only, so the data must outlive the loop.
  const data = someTensors.map(({ type, shape }, i) => patternOf(i, tensorBytes(type, shape)));
  for (const [i, { name, type, shape }] of someTensors.entries()) {
    const types = ["void *", "int", "int", "const int64_t *"];
    const sizes = BigInt64Array.from(shape, BigInt);
    const id = GGML_TYPES[type].id;
    const tensor = call("ggml_new_tensor", "void *", types, context, id, shape.length, sizes);
    call("ggml_set_name", "void *", ["void *", "const char *"], tensor, name);
    call("gguf_add_tensor", "void", ["void *", "void *"], copy, tensor);
    const setData = ["void *", "const char *", "const void *"];
    call("gguf_set_tensor_data", "void", setData, copy, name, data[i]);
  }
  const save = ["void *", "const char *", "bool"];
  expect(call("gguf_write_to_file", "bool", save, copy, path, false)).toBe(true);
  expect(data).toHaveLength(someTensors.length);
}

describe("ggml's own reader", async () => {
  const path = await writeSample(join(folder, "sample.gguf"), everyType, someTensors);
  const file = await GgufFile.open(path);
  await file.close();
  const gguf = openNatively(path);

  test("finds the metadata with their types", () => {
    expect(count("gguf_get_n_kv")(gguf)).toBe(everyType.length);
    for (const [i, [key, entry]] of everyType.entries()) {
      expect(of<string>("gguf_get_key", "const char *")(gguf, i)).toBe(key);
      const type = of<number>("gguf_get_kv_type", "int")(gguf, i);
      expect(GGUF_VALUE_TYPES[type]).toBe(entry.type);
      if (entry.type === "array") {
        expect(of<number>("gguf_get_arr_n", "size_t")(gguf, i)).toBe(entry.value.length);
        const elements = of<number>("gguf_get_arr_type", "int")(gguf, i);
        expect(GGUF_VALUE_TYPES[elements]).toBe(entry.elementType);
      }
    }
  });

  test.each(
    Object.entries({
      u8: "uint8_t",
      i8: "int8_t",
      u16: "uint16_t",
      i16: "int16_t",
      u32: "uint32_t",
      i32: "int32_t",
      f32: "float",
      f64: "double",
      u64: "uint64_t",
      i64: "int64_t",
      bool: "bool",
    }),
  )("finds the value of type %s", (type, cType) => {
    const index = everyType.findIndex(([key]) => key === type);
    const value = of<number | bigint | boolean>(`gguf_get_val_${type}`, cType)(gguf, index);
    const expected = everyType[index]?.[1].value;
    expect(typeof expected === "bigint" ? BigInt(value) : value).toBe(expected);
  });

  test("finds the tensors", () => {
    expect(count("gguf_get_data_offset")(gguf)).toBe(file.dataStart);
    expect(count("gguf_get_n_tensors")(gguf)).toBe(file.tensors.size);
    for (const [i, { name, type, offset, bytes }] of [...file.tensors.values()].entries()) {
      expect(of("gguf_get_tensor_name", "const char *")(gguf, i)).toBe(name);
      expect(of("gguf_get_tensor_type", "int")(gguf, i)).toBe(GGML_TYPES[type].id);
      expect(of("gguf_get_tensor_offset", "size_t")(gguf, i)).toBe(offset);
      expect(of("gguf_get_tensor_size", "size_t")(gguf, i)).toBe(bytes);
    }
  });

  test("and its writer give the same bytes", async () => {
    // Its writer ends strings at a NUL.
    const metadata = everyType.filter(([, { value }]) => !String(value).includes("\0"));
    const ours = await writeSample(join(folder, "ours.gguf"), metadata, someTensors);
    const theirs = join(folder, "theirs.gguf");
    writeNatively(openNatively(ours), theirs);
    expect(readFileSync(theirs).equals(readFileSync(ours))).toBe(true);
  });
});

test("node-llama-cpp's reader finds the same", async () => {
  const path = await writeSample(join(folder, "info.gguf"), everyType, someTensors);
  const file = await GgufFile.open(path);
  await file.close();
  const info = await readGgufFileInfo(path, { sourceType: "filesystem", logWarnings: false });
  expect(info.version).toBe(3);
  const { general, ...others } = info.metadata as unknown as Record<string, unknown>;
  expect(general).toEqual({ architecture: "llama" });
  for (const [key, { value }] of everyType.slice(1)) {
    const expected = ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
    const plain = (x: unknown) => (typeof x === "bigint" ? Number(x) : x);
    const found = others[key];
    if (Array.isArray(expected)) {
      expect((found as unknown[]).map(plain), key).toEqual(expected.map(plain));
    } else expect(plain(found), key).toEqual(plain(expected));
  }
  const tensors = (info.fullTensorInfo ?? []).map(({ name, dimensions, ggmlType, fileOffset }) => ({
    name,
    shape: dimensions.map(Number),
    id: ggmlType as number,
    fileOffset: Number(fileOffset),
  }));
  expect(tensors).toEqual(
    [...file.tensors.values()].map(({ name, shape, type, offset }) => ({
      name,
      shape,
      id: GGML_TYPES[type].id,
      fileOffset: file.dataStart + offset,
    })),
  );
});
