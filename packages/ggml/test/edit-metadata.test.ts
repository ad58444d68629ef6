import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { editMetadata } from "../src/gguf/edit-metadata.ts";
import { GgufFile } from "../src/gguf/file.ts";
import type { GgufValue } from "../src/gguf/value.ts";
import { everyType, patternOf, someTensors, writeSample } from "./support/sample-gguf.ts";
import { splitGguf } from "./support/split-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "edit-"));
afterAll(() => rmSync(folder, { recursive: true }));

const u32 = (value: number): GgufValue => ({ type: "u32", value });
const strings: GgufValue = {
  type: "array",
  elementType: "string",
  value: ["a longer list", "than before"],
};

let files = 0;
const sample = () => writeSample(join(folder, `${files++}.gguf`), everyType, someTensors);

test("changed keys keep their place, new ones come last, tensors stay as they are", async () => {
  const path = await sample();
  const written = await editMetadata(path, {
    u32: u32(7),
    strings,
    bool: undefined,
    absent: undefined,
    "general.name": { type: "string", value: "renamed" },
  });
  expect(written).toMatchObject({ path, bytes: readFileSync(path).length });
  const file = await GgufFile.open(path);
  const expected = new Map(everyType);
  expected.set("u32", u32(7));
  expected.set("strings", strings);
  expected.delete("bool");
  expected.set("general.name", { type: "string", value: "renamed" });
  expect([...file.metadata]).toEqual([...expected]);
  for (const [i, { name, bytes }] of [...file.tensors.values()].entries()) {
    expect(await file.read(name)).toEqual(patternOf(i, bytes));
  }
  await file.close();
});

test("undoing a change gives the same bytes", async () => {
  const [path, original] = [await sample(), join(folder, "original.gguf")];
  copyFileSync(path, original);
  await editMetadata(path, { u8: { type: "u8", value: 3 }, "general.alignment": u32(4096) });
  expect(readFileSync(path).equals(readFileSync(original))).toBe(false);
  await editMetadata(path, { u8: { type: "u8", value: 255 }, "general.alignment": undefined });
  expect(readFileSync(path).equals(readFileSync(original))).toBe(true);
});

test("what cannot be done leaves the file alone", async () => {
  const path = await sample();
  const before = readFileSync(path);
  const controller = new AbortController();
  controller.abort();
  await expect(
    editMetadata(path, { x: u32(1) }, { signal: controller.signal }),
  ).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  await expect(editMetadata(path, { x: u32(-1) })).rejects.toMatchObject({ code: "E_INPUT" });
  await expect(editMetadata(path, { "general.alignment": u32(5) })).rejects.toMatchObject({
    code: "E_INPUT",
  });
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(existsSync(`${path}.tmp`)).toBe(false);
  const parts = await splitGguf(path, join(folder, "split"), [1, 2]);
  await expect(editMetadata(parts[0] as string, { x: u32(1) })).rejects.toMatchObject({
    code: "E_UNSUPPORTED",
    hint: expect.stringContaining("llama-gguf-split --merge"),
  });
});
