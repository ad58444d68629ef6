import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { GgufFile } from "../src/gguf/file.ts";
import { GgufWriter } from "../src/gguf/writer.ts";
import { everyType, patternOf, someTensors, writeSample } from "./support/sample-gguf.ts";
import { splitGguf } from "./support/split-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "gguf-split-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
/** A sample of three tensors split into parts, in a folder of its own. */
async function split(counts: readonly number[]) {
  const whole = join(folder, `${files++}`, "whole.gguf");
  await writeSample(whole, everyType, someTensors);
  return { whole, parts: await splitGguf(whole, whole.replace(".gguf", ""), counts) };
}

const opening = (path: string | undefined) => GgufFile.open(path as string);

describe("a split model", () => {
  test.each([0, 1, 2])("is the whole one, opened by part %i", async (number) => {
    const { whole, parts } = await split([1, 1, 1]);
    const expected = await GgufFile.open(whole);
    const file = await opening(parts[number]);
    expect(file.path).toBe(parts[0]);
    expect(file.paths).toEqual(parts);
    expect([...file.metadata]).toEqual([...expected.metadata]);
    expect(file.metadata.path).toBe(parts[0]);
    expect([...file.tensors.keys()]).toEqual([...expected.tensors.keys()]);
    for (const [i, { name, type, shape, bytes }] of [...expected.tensors.values()].entries()) {
      expect(file.tensor(name)).toMatchObject({ name, type, shape, bytes });
      expect(await file.read(name)).toEqual(patternOf(i, bytes));
      expect(await file.read(file.tensor(name), 3, 9)).toEqual(patternOf(i, bytes).slice(3, 9));
    }
    await file.close();
    await expected.close();
  });

  test("may have a first part without tensors, and parts with several", async () => {
    const { parts } = await split([0, 2, 1]);
    const file = await opening(parts[1]);
    expect([...file.tensors.keys()]).toEqual(["a", "b", "c"]);
    expect(await file.read("c")).toEqual(patternOf(2, 48));
    await file.close();
  });

  test("of one part is an ordinary file, whatever its name", async () => {
    const path = join(folder, "one.gguf");
    await writeSample(path, [["split.count", { type: "u16", value: 1 }]], someTensors);
    const file = await GgufFile.open(path);
    expect(file.paths).toEqual([path]);
    await file.close();
  });
});

describe("parts that do not make a model", () => {
  test("a missing one is named", async () => {
    const { parts } = await split([1, 1, 1]);
    rmSync(parts[2] as string);
    await expect(opening(parts[0])).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      message: `${parts[2]}, part 3 of 3, is missing.`,
      hint: expect.stringContaining("into one folder"),
    });
  });

  test("one under another name", async () => {
    const { parts } = await split([1, 1, 1]);
    const renamed = join(folder, "renamed.gguf");
    copyFileSync(parts[1] as string, renamed);
    await expect(opening(renamed)).rejects.toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining(`${renamed} says of itself that it is part 2 of 3`),
      hint: expect.stringContaining("-00002-of-00003.gguf"),
    });
  });

  test("one in the place of another", async () => {
    const { parts } = await split([1, 1, 1]);
    copyFileSync(parts[1] as string, parts[2] as string);
    await expect(opening(parts[0])).rejects.toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining(`${parts[2]} says of itself that it is part 2 of 3`),
    });
  });

  test("one that is a whole model", async () => {
    const { whole, parts } = await split([1, 1, 1]);
    copyFileSync(whole, parts[2] as string);
    await expect(opening(parts[0])).rejects.toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining("part 1 of 1"),
    });
  });

  test("one of a model that was split elsewhere", async () => {
    const [{ parts }, other] = [await split([1, 1, 1]), await split([1, 2, 0])];
    copyFileSync(other.parts[1] as string, parts[1] as string);
    await expect(opening(parts[0])).rejects.toMatchObject({
      code: "E_INPUT",
      message: expect.stringMatching(/00003-of-00003.gguf.*the tensor "c", which another part has/),
    });
    copyFileSync(other.parts[2] as string, parts[1] as string);
    await expect(opening(parts[0])).rejects.toMatchObject({ code: "E_INPUT" });
  });

  test("too few tensors in all", async () => {
    const { parts } = await split([1, 1, 1]);
    const writer = await GgufWriter.create(
      parts[2] as string,
      [
        ["split.no", { type: "u16", value: 2 }],
        ["split.count", { type: "u16", value: 3 }],
      ],
      [],
    );
    await writer.commit();
    await expect(opening(parts[1])).rejects.toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining("has 3 tensors, all parts together 2"),
    });
  });

  test("one that is cut off", async () => {
    const { parts } = await split([1, 1, 1]);
    const path = parts[1] as string;
    truncateSync(path, statSync(path).size - 40);
    await expect(opening(parts[0])).rejects.toMatchObject({
      code: "E_TRUNCATED",
      message: expect.stringContaining(parts[1] as string),
    });
  });
});
