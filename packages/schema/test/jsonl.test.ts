import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import { expect, it } from "vitest";
import { readJsonl, readLines, writeJsonlFile } from "../src/index.ts";
import { temporaryFolder } from "./folder.ts";

const Schema = Type.Object({ n: Type.Integer(), text: Type.Optional(Type.String()) });

async function all<T>(records: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const record of records) list.push(record);
  return list;
}

async function fileOf(content: string | Buffer): Promise<string> {
  const path = join(await temporaryFolder(), "records.jsonl");
  await writeFile(path, content);
  return path;
}

it("reads back what it wrote, line separators inside strings and all", async () => {
  const records = [{ n: 1, text: "a\u2028b\u2029c\r\nd\0" }, { n: 2 }, { n: 3, text: "é😀" }];
  const path = join(await temporaryFolder(), "records.jsonl");
  await writeJsonlFile(
    path,
    (async function* () {
      yield* records;
    })(),
  );
  expect(await all(readJsonl(path, Schema))).toEqual(records);
});

it("joins a line that spans many reads, and knows offsets", async () => {
  const long = "é".repeat(3_000_000);
  const path = await fileOf(`a\n${long}\nz`);
  const lines = await all(readLines(path));
  expect(lines.map((line) => [line.number, line.text.length, line.endOffset])).toEqual([
    [1, 1, 2],
    [2, 3_000_000, 6_000_003],
    [3, 1, 6_000_004],
  ]);
  expect(lines.map((line) => line.isTerminated)).toEqual([true, true, false]);
});

it("passes over empty lines and accepts a last line without a line feed", async () => {
  expect(await all(readJsonl(await fileOf('\n{"n":1}\n\n{"n":2}'), Schema))).toHaveLength(2);
});

it.each([
  ['{"n":1}\n{"n":2', "E_TRUNCATED", "line 2 is cut off"],
  ['{"n":1}\n{"n":\n', "E_INPUT", "line 2 is not JSON"],
  ['{"n":"x"}\n', "E_INPUT", "line 1: /n must be integer"],
  ['{"n":1,"schema_version":"9.0.0"}\n', "E_SCHEMA_VERSION", 'has schema version "9.0.0"'],
])("refuses %j with %s", async (content, code, message) => {
  await expect(all(readJsonl(await fileOf(content), Schema))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

it("says which file is not there", async () => {
  await expect(all(readJsonl("/no/such/file.jsonl", Schema))).rejects.toMatchObject({
    code: "E_NOT_FOUND",
    message: "There is no file /no/such/file.jsonl.",
  });
});
