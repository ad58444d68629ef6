import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SafetensorsFile, SafetensorsWriter } from "../src/index.ts";
import { temporaryFolder } from "./folder.ts";

async function example(): Promise<string> {
  const path = join(await temporaryFolder(), "x.safetensors");
  const writer = new SafetensorsWriter(path);
  await writer.append("tokens", "U16", Uint16Array.of(1, 2, 65535));
  await writer.append("offsets", "I64", BigInt64Array.of(0n, 1n << 40n));
  await writer.append("tokens", "U16", Uint16Array.of(4, 5, 6));
  await writer.append("empty", "F32", new Float32Array());
  await writer.commit({ note: "é" }, { tokens: [-1, 3] });
  return path;
}

it("joins tensors that grew side by side", async () => {
  const path = await example();
  const file = await SafetensorsFile.open(path);
  expect(file.metadata).toEqual({ note: "é" });
  expect(file.shape("tokens")).toEqual([2, 3]);
  expect([...((await file.read("tokens")) as Uint16Array)]).toEqual([1, 2, 65535, 4, 5, 6]);
  expect([...((await file.read("tokens", 2, 4)) as Uint16Array)]).toEqual([65535, 4]);
  expect([...(await file.readNumbers("offsets"))]).toEqual([0, 2 ** 40]);
  expect(await file.read("empty")).toHaveLength(0);
  await file.close();
  expect(await readdir(join(path, ".."))).toEqual(["x.safetensors"]);
});

it("lays the file out as the format's specification says", async () => {
  const bytes = await readFile(await example());
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  expect(length % 8).toBe(0);
  expect(header.tokens).toEqual({ dtype: "U16", shape: [2, 3], data_offsets: [0, 12] });
  expect(header.offsets).toEqual({ dtype: "I64", shape: [2], data_offsets: [12, 28] });
  expect(bytes.readUInt16LE(8 + length + 4)).toBe(65535);
  expect(bytes.length).toBe(8 + length + 28);
});

it("refuses a file that is cut off", async () => {
  const path = await example();
  await truncate(path, (await readFile(path)).length - 1);
  await expect(SafetensorsFile.open(path)).rejects.toMatchObject({ code: "E_TRUNCATED" });
  await truncate(path, 20);
  await expect(SafetensorsFile.open(path)).rejects.toMatchObject({ code: "E_TRUNCATED" });
});

it.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("this is no tensor file at all")],
  [
    "a header that is not JSON",
    Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{{{{")]),
  ],
])("refuses %s", async (_, content) => {
  const path = join(await temporaryFolder(), "x.safetensors");
  await writeFile(path, content);
  await expect(SafetensorsFile.open(path)).rejects.toMatchObject({ code: "E_INPUT" });
});

it("names the tensors there are when one is asked for that is not", async () => {
  const file = await SafetensorsFile.open(await example());
  await expect(file.read("weights")).rejects.toMatchObject({
    code: "E_INPUT",
    hint: "It has tokens, offsets, empty.",
  });
  await file.close();
});
