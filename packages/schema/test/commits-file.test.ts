import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { type Commit, CommitsFileSchema, readCommits, writeCommits } from "../src/index.ts";
import { temporaryFolder } from "./folder.ts";
import { commit, metadata, provenanceOf } from "./records.ts";

const history = [commit(0), commit(1), commit(2)];

async function* records() {
  yield* history;
}

async function read(path: string): Promise<Commit[]> {
  const list: Commit[] = [];
  for await (const record of readCommits(path)) list.push(record);
  return list;
}

async function written(name: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeCommits(path, records(), provenanceOf(), () => metadata(3));
  return path;
}

describe.each(["commits.jsonl", "commits.json"])("%s", (name) => {
  it("reads back what was written", async () => {
    expect(await read(await written(name))).toEqual(history);
  });

  it("names the line where it is cut off", async () => {
    const path = await written(name);
    await truncate(path, (await readFile(path)).length - 500);
    await expect(read(path)).rejects.toMatchObject({ code: "E_TRUNCATED" });
  });

  it("notices that commits are missing at the end", async () => {
    const path = await written(name);
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, `${lines.slice(0, 2).join("\n")}\n`);
    await expect(read(path)).rejects.toMatchObject({ code: "E_TRUNCATED" });
  });

  it("refuses a history with a gap", async () => {
    const path = await written(name);
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, lines.filter((line) => !line.includes('"commit_number":1,')).join("\n"));
    await expect(read(path)).rejects.toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining("commit_number is 2, expected 1"),
    });
  });
});

it("writes commits.json as one document of its schema", async () => {
  const document = JSON.parse(await readFile(await written("commits.json"), "utf8"));
  const validate = new Ajv2020({ strict: false }).compile(CommitsFileSchema);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(document.commits).toEqual(history);
  expect(document.metadata.total_commits).toBe(3);
});

it("refuses a commits.json that another program laid out, and says how to turn it", async () => {
  const path = await written("commits.json");
  await writeFile(path, JSON.stringify(JSON.parse(await readFile(path, "utf8")), null, 2));
  await expect(read(path)).rejects.toMatchObject({
    code: "E_INPUT",
    hint: expect.stringContaining("jq -c '.commits[]'"),
  });
});
