import { mkdtempSync, rmSync } from "node:fs";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { GgufFile } from "../src/gguf/file.ts";
import type { GgufValue } from "../src/gguf/value.ts";
import { type GgufTensorSpec, GgufWriter } from "../src/gguf/writer.ts";
import { everyType, patternOf, someTensors, writeSample } from "./support/sample-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = () => join(folder, `${files++}.gguf`);

const write = (
  metadata: Iterable<readonly [string, GgufValue]>,
  tensors: readonly GgufTensorSpec[] = [],
) => writeSample(freshPath(), metadata, tensors);

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error,
  );

describe("round trip", () => {
  test("metadata of every type comes back as it was, in order", async () => {
    const file = await GgufFile.open(await write(everyType));
    expect([...file.metadata]).toEqual(everyType);
    expect(file.version).toBe(3);
    await file.close();
  });

  test("tensors come back with type, shape and data, whole and by range", async () => {
    const file = await GgufFile.open(await write(everyType, someTensors));
    expect([...file.tensors.values()]).toEqual([
      { name: "a", type: "F32", shape: [3], offset: 0, bytes: 12 },
      { name: "b", type: "Q8_0", shape: [64, 2], offset: 32, bytes: 136 },
      { name: "c", type: "F16", shape: [1, 2, 3, 4], offset: 192, bytes: 48 },
    ]);
    for (const [i, info] of [...file.tensors.values()].entries()) {
      expect(await file.read(info.name)).toEqual(patternOf(i, info.bytes));
      expect(await file.read(info, 3, 9)).toEqual(patternOf(i, info.bytes).slice(3, 9));
    }
    expect(await file.read("a", 12)).toHaveLength(0);
    await file.close();
  });

  test.each([8, 64, 4096])("an alignment of %i is honoured", async (value) => {
    const metadata: [string, GgufValue][] = [["general.alignment", { type: "u32", value }]];
    const file = await GgufFile.open(await write(metadata, someTensors));
    expect(file.dataStart % value).toBe(0);
    for (const [i, { name, offset, bytes }] of [...file.tensors.values()].entries()) {
      expect(offset % value).toBe(0);
      expect(await file.read(name)).toEqual(patternOf(i, bytes));
    }
    await file.close();
  });

  test("equal input gives equal bytes", async () => {
    const [a, b] = [await write(everyType, someTensors), await write(everyType, someTensors)];
    expect(await readFile(a)).toEqual(await readFile(b));
  });

  test("data may come in pieces, and from one buffer that is filled anew", async () => {
    const path = freshPath();
    const writer = await GgufWriter.create(path, [], [{ name: "x", type: "F32", shape: [4] }]);
    await writer.write(
      "x",
      (function* () {
        const buffer = new Float32Array(1);
        for (const value of [1, 2, 3, 4]) {
          buffer[0] = value;
          yield buffer;
        }
      })(),
    );
    await writer.commit();
    const file = await GgufFile.open(path);
    expect(new Float32Array((await file.read("x")).buffer)).toEqual(Float32Array.of(1, 2, 3, 4));
    await file.close();
  });

  test("a vocabulary of 150,000 tokens reads in well under a second", async () => {
    const value = Array.from({ length: 150_000 }, (_, i) => `Ġtoken${i}`);
    const path = await write([["tokens", { type: "array", elementType: "string", value }]]);
    const start = performance.now();
    const file = await GgufFile.open(path);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(file.metadata.strings("tokens")).toEqual(value);
    await file.close();
  });

  test("version 2 is read too", async () => {
    const path = await write(everyType, someTensors);
    const bytes = await readFile(path);
    bytes.writeUInt32LE(2, 4);
    await writeFile(path, bytes);
    const file = await GgufFile.open(path);
    expect(file.version).toBe(2);
    expect([...file.metadata]).toEqual(everyType);
    await file.close();
  });
});

describe("getters", async () => {
  const path = await write([
    ...everyType,
    ["small u64", { type: "u64", value: 7n }],
    ["negative", { type: "i32", value: -1 }],
  ]);
  const { metadata, close } = await GgufFile.open(path).then(async (file) => {
    await file.close();
    return { metadata: file.metadata, close: file.close };
  });

  test("give values of their kind, whatever the width", () => {
    expect(close).toBeTypeOf("function");
    expect(metadata.string("general.architecture")).toBe("llama");
    expect(metadata.number("i8")).toBe(-128);
    expect(metadata.number("small u64")).toBe(7);
    expect(metadata.count("u32")).toBe(4294967295);
    expect(metadata.boolean("bool")).toBe(true);
    expect(metadata.strings("strings")).toEqual(["", "Ġfn", "🦀"]);
    expect([...Array.from(metadata.numbers("u64s"))]).toEqual([2 ** 63]);
    expect(metadata.numbers("f32s")).toEqual(Float32Array.of(0.5, -0));
  });

  test("give the fallback for an absent key only", () => {
    expect(metadata.number("absent", 10_000)).toBe(10_000);
    expect(metadata.boolean("absent", false)).toBe(false);
    expect(metadata.string("absent", "")).toBe("");
    expect(metadata.strings("absent", [])).toEqual([]);
    expect(metadata.numbers("absent", [1])).toEqual([1]);
    expect(() => metadata.number("bool", 1)).toThrow('"bool" as bool; it should be a number');
  });

  test.each([
    [() => metadata.string("absent"), 'has no "absent"'],
    [() => metadata.string("u8"), '"u8" as u8; it should be a string'],
    [() => metadata.number("strings"), '"strings" as an array of string; it should be a number'],
    [() => metadata.number("u64"), '"u64" as u64; it should be a number'],
    [() => metadata.count("negative"), '"negative" = -1'],
    [() => metadata.count("f32"), "which should be a whole number"],
    [() => metadata.boolean("u8"), '"u8" as u8; it should be a boolean'],
    [() => metadata.strings("u8s"), '"u8s" as an array of u8; it should be an array of strings'],
    [() => metadata.numbers("strings"), "it should be an array of numbers"],
  ])("refuse with key and file: %#", (get, message) => {
    expect(get).toThrow(message);
    expect(get).toThrow(path);
    expect(get).toThrow(expect.objectContaining({ code: "E_INPUT" }));
  });
});

describe("files that cannot be read", () => {
  test.each([
    ["no file", "E_NOT_FOUND", async (path: string) => path],
    ["empty", "E_INPUT", (path: string) => writeFile(path, "")],
    ["text", "E_INPUT", (path: string) => writeFile(path, "version https://git-lfs.github.com")],
    ["only the magic", "E_TRUNCATED", (path: string) => writeFile(path, "GGUF")],
    ["half the magic", "E_TRUNCATED", (path: string) => writeFile(path, "GG")],
  ])("%s: %s", async (_name, code, make) => {
    const path = freshPath();
    await make(path);
    expect(await failure(GgufFile.open(path))).toMatchObject({
      code,
      message: expect.stringContaining(path),
    });
  });

  test("a file that is cut off anywhere says how much is there", async () => {
    const path = await write(everyType, someTensors);
    // The last tensor's padding may be missing; its data may not.
    const file = await GgufFile.open(path);
    await file.close();
    const last = file.tensor("c");
    const needed = file.dataStart + last.offset + last.bytes;
    expect((await stat(path)).size).toBe(file.dataStart + 256);
    await truncate(path, needed);
    await GgufFile.open(path).then((whole) => whole.close());
    for (let size = needed - 1; size >= 4; size -= size > file.dataStart ? 5 : 1) {
      await truncate(path, size);
      expect(await failure(GgufFile.open(path))).toMatchObject({
        code: "E_TRUNCATED",
        message: expect.stringContaining(`it has ${size} bytes of at least `),
      });
    }
  });

  test("a file that becomes shorter while it is open", async () => {
    const path = await write([], someTensors);
    const file = await GgufFile.open(path);
    await truncate(path, file.dataStart + 40);
    expect(await failure(file.read("b"))).toMatchObject({ code: "E_TRUNCATED" });
    await file.close();
  });

  test("an unknown tensor", async () => {
    const file = await GgufFile.open(await write([], someTensors));
    expect(await failure(file.read("z"))).toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining('no tensor "z"'),
    });
    await file.close();
  });
});

describe("hostile headers", () => {
  /** A header by hand: little-endian numbers as [value, bytes], strings with their length. */
  const header = (...parts: (string | [value: number | bigint, bytes: 1 | 4 | 8])[]) =>
    Buffer.concat(
      parts.map((part) => {
        const [value, bytes] = typeof part === "string" ? [part.length, 8] : part;
        const number = Buffer.alloc(8);
        number.writeBigUInt64LE(BigInt(value));
        const head = number.subarray(0, bytes);
        return typeof part === "string" ? Buffer.concat([head, Buffer.from(part)]) : head;
      }),
    );
  const start = (tensors: number | bigint, metadata: number | bigint, version = 3) =>
    Buffer.concat([Buffer.from("GGUF"), header([version, 4], [tensors, 8], [metadata, 8])]);
  const u32 = 4;
  const string = 8;
  const array = 9;

  test.each<[string, string, string, Buffer]>([
    ["version 1", "E_UNSUPPORTED", "version 1", start(0, 0, 1)],
    ["version 4", "E_UNSUPPORTED", "version 4", start(0, 0, 4)],
    ["version 0", "E_UNSUPPORTED", "version 0", start(0, 0, 0)],
    ["big-endian", "E_UNSUPPORTED", "big-endian", start(0, 0, 0x03000000)],
    ["2^60 tensors", "E_INPUT", "impossible length", start(2n ** 60n, 0)],
    ["2^63 keys", "E_INPUT", "impossible length", start(0, 2n ** 63n)],
    [
      "a key of 2^62 bytes",
      "E_INPUT",
      "impossible length",
      Buffer.concat([start(0, 1), header([2n ** 62n, 8])]),
    ],
    [
      "a key of 200 MB in a short file",
      "E_TRUNCATED",
      "metadata key 0",
      Buffer.concat([start(0, 1), header([200e6, 8])]),
    ],
    [
      "an empty key",
      "E_INPUT",
      "metadata key 0 is empty",
      Buffer.concat([start(0, 1), header("", [u32, 4], [1, 4])]),
    ],
    [
      "a key twice",
      "E_INPUT",
      'the key "a" twice',
      Buffer.concat([start(0, 2), header("a", [u32, 4], [1, 4], "a", [u32, 4], [1, 4])]),
    ],
    [
      "an unknown value type",
      "E_INPUT",
      'the value of "a" has the unknown type 13',
      Buffer.concat([start(0, 1), header("a", [13, 4], [1, 4])]),
    ],
    [
      "an array of arrays",
      "E_UNSUPPORTED",
      '"a" as an array of arrays',
      Buffer.concat([start(0, 1), header("a", [array, 4], [array, 4], [1, 8], [u32, 4], [0, 8])]),
    ],
    [
      "2^60 numbers",
      "E_INPUT",
      "impossible length",
      Buffer.concat([start(0, 1), header("a", [array, 4], [u32, 4], [2n ** 60n, 8])]),
    ],
    [
      "200 million numbers",
      "E_INPUT",
      "longer than",
      Buffer.concat([start(0, 1), header("a", [array, 4], [u32, 4], [200e6, 8])]),
    ],
    [
      "20 million strings in a short file",
      "E_TRUNCATED",
      'the array "a"',
      Buffer.concat([start(0, 1), header("a", [array, 4], [string, 4], [20e6, 8])]),
    ],
    [
      "a string of over 4 GiB in an array",
      "E_INPUT",
      "over 4 GiB",
      Buffer.concat([start(0, 1), header("a", [array, 4], [string, 4], [1, 8], [2n ** 40n, 8])]),
    ],
    [
      "a boolean that is 2",
      "E_INPUT",
      "2 for a boolean",
      Buffer.concat([start(0, 1), header("a", [7, 4], [2, 1])]),
    ],
    [
      "an alignment that is no power of two",
      "E_INPUT",
      '"general.alignment" is 48',
      Buffer.concat([start(0, 1), header("general.alignment", [u32, 4], [48, 4])]),
    ],
    [
      "an alignment of 0",
      "E_INPUT",
      '"general.alignment" is 0',
      Buffer.concat([start(0, 1), header("general.alignment", [u32, 4], [0, 4])]),
    ],
    [
      "an alignment of another type",
      "E_INPUT",
      '"general.alignment" is x (string)',
      Buffer.concat([start(0, 1), header("general.alignment", [string, 4], "x")]),
    ],
    [
      "five dimensions",
      "E_INPUT",
      "5 dimensions",
      Buffer.concat([start(1, 0), header("t", [5, 4])]),
    ],
    [
      "a dimension of 2^63",
      "E_INPUT",
      "impossible length",
      Buffer.concat([start(1, 0), header("t", [1, 4], [2n ** 63n, 8])]),
    ],
    [
      "a shape whose product overflows",
      "E_INPUT",
      "impossible shape",
      Buffer.concat([
        start(1, 0),
        header("t", [2, 4], [2n ** 50n, 8], [2n ** 50n, 8], [0, 4], [0, 8]),
      ]),
    ],
    [
      "a tensor that lies beyond the end",
      "E_TRUNCATED",
      'the data of tensor "t"',
      Buffer.concat([start(1, 0), header("t", [1, 4], [2n ** 40n, 8], [0, 4], [0, 8])]),
    ],
    [
      "a tensor name of 64 bytes",
      "E_INPUT",
      "a name of 64",
      Buffer.concat([start(1, 0), header("t".repeat(64))]),
    ],
    [
      "a tensor name with a NUL",
      "E_INPUT",
      "tensor 0 has a NUL in its name",
      Buffer.concat([start(1, 0), header("t\0u")]),
    ],
    [
      "a tensor twice",
      "E_INPUT",
      'the tensor "t" twice',
      Buffer.concat([
        start(2, 0),
        header("t", [1, 4], [1, 8], [0, 4], [0, 8], "t", [1, 4], [1, 8], [0, 4], [32, 8]),
      ]),
    ],
    [
      "an offset that leaves a gap",
      "E_INPUT",
      "has offset 64 where 0 follows",
      Buffer.concat([start(1, 0), header("t", [1, 4], [1, 8], [0, 4], [64, 8])]),
    ],
    [
      "tensors that overlap",
      "E_INPUT",
      "has offset 0 where 32 follows",
      Buffer.concat([
        start(2, 0),
        header("t", [1, 4], [1, 8], [0, 4], [0, 8], "u", [1, 4], [1, 8], [0, 4], [0, 8]),
      ]),
    ],
    [
      "an unknown tensor type",
      "E_UNSUPPORTED",
      'the tensor "t" in the unknown type 77',
      Buffer.concat([start(1, 0), header("t", [1, 4], [1, 8], [77, 4], [0, 8])]),
    ],
    [
      "a row that is no whole number of blocks",
      "E_INPUT",
      'the tensor "t" has rows of 100, but Q4_K comes in blocks of 256',
      Buffer.concat([start(1, 0), header("t", [1, 4], [100, 8], [12, 4], [0, 8])]),
    ],
  ])("%s: %s", async (_name, code, message, bytes) => {
    const path = freshPath();
    await writeFile(path, bytes);
    expect(await failure(GgufFile.open(path))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

describe("what the writer refuses", () => {
  const value: GgufValue = { type: "u32", value: 1 };

  test.each<[string, string, [string, GgufValue][], GgufTensorSpec[]]>([
    [
      "a key twice",
      'the key "a" twice',
      [
        ["a", value],
        ["a", value],
      ],
      [],
    ],
    ["an empty key", "an empty key", [["", value]], []],
    [
      "a number outside its type",
      '"a" = 256, which is no u8',
      [["a", { type: "u8", value: 256 }]],
      [],
    ],
    [
      "a tensor twice",
      'the tensor "t" twice',
      [],
      [
        { name: "t", type: "F32", shape: [1] },
        { name: "t", type: "F32", shape: [1] },
      ],
    ],
    [
      "a long tensor name",
      "64 bytes or more",
      [],
      [{ name: "é".repeat(32), type: "F32", shape: [1] }],
    ],
    ["a NUL in a name", '"t\\u0000"', [], [{ name: "t\0", type: "F32", shape: [1] }]],
    ["five dimensions", "[1,1,1,1,1]", [], [{ name: "t", type: "F32", shape: [1, 1, 1, 1, 1] }]],
    ["a negative dimension", "[-1]", [], [{ name: "t", type: "F32", shape: [-1] }]],
    ["a broken block", "blocks of 256", [], [{ name: "t", type: "Q4_K", shape: [128, 2] }]],
  ])("%s", async (_name, message, metadata, tensors) => {
    const path = freshPath();
    expect(await failure(GgufWriter.create(path, metadata, tensors))).toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining(message),
    });
    await expect(stat(`${path}.tmp`)).rejects.toThrow("ENOENT");
  });

  test.each<[string, string, (writer: GgufWriter) => Promise<unknown>]>([
    ["the wrong tensor", 'where "a" is due', (w) => w.write("b", new Uint8Array(136))],
    ["too few bytes", "has 12 bytes, but it was given 8", (w) => w.write("a", new Uint8Array(8))],
    [
      "too many bytes",
      "has 12 bytes, but it was given 16",
      (w) => w.write("a", new Uint8Array(16)),
    ],
    ["a missing tensor", '"a" was not written', (w) => w.commit()],
  ])("%s, and leaves nothing behind", async (_name, message, use) => {
    const path = freshPath();
    const writer = await GgufWriter.create(path, [], someTensors);
    expect(await failure(use(writer))).toMatchObject({
      code: "E_INTERNAL",
      message: expect.stringContaining(message),
    });
    await expect(stat(path)).rejects.toThrow("ENOENT");
    await expect(stat(`${path}.tmp`)).rejects.toThrow("ENOENT");
  });

  test("a folder in the way", async () => {
    expect(await failure(GgufWriter.create("/proc/x.gguf", [], []))).toMatchObject({
      code: "E_OUTPUT",
    });
  });
});
