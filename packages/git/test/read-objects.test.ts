import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { openRepository, readObjects } from "../src/index.ts";
import { bytes } from "./bytes.ts";

async function readAll(source: TestRepository, ids: readonly string[]) {
  const repository = await openRepository(source.path);
  try {
    const found: (Buffer | undefined)[] = [];
    const asked = { size: ids.length, id: (index: number) => ids[index] as string };
    for await (const lot of readObjects(repository, asked)) found.push(...lot);
    return found;
  } finally {
    await repository.close();
  }
}

test("reads thousands of objects in order, the missing ones among them", async () => {
  const source = gitRepository();
  const contents = Array.from({ length: 2000 }, (_, index) =>
    bytes(index % 50 === 0 ? 100_000 + index : index % 300, index),
  );
  const ids = contents.map((content) => source.writeObject("blob", content));
  const isMissing = (index: number) => index % 7 === 3;
  const found = await readAll(
    source,
    ids.map((id, index) => (isMissing(index) ? "0".repeat(40) : id)),
  );
  expect(found).toHaveLength(2000);
  for (const [index, content] of contents.entries()) {
    const isRight = isMissing(index) ? !found[index] : found[index]?.equals(content);
    expect(isRight, `blob ${index}`).toBe(true);
  }
});

test("a damaged object is undefined, and the ones after it are read", async () => {
  const source = gitRepository();
  const ids = Array.from({ length: 20 }, (_, seed) => source.writeObject("blob", bytes(500, seed)));
  for (const id of [ids[3], ids[4], ids[19]] as string[]) {
    const path = join(source.gitDir, "objects", id.slice(0, 2), id.slice(2));
    chmodSync(path, 0o644);
    writeFileSync(path, "no zlib stream");
  }
  const found = await readAll(source, ids);
  expect(found.flatMap((content, index) => (content ? [] : [index]))).toEqual([3, 4, 19]);
  expect(found[5]?.equals(bytes(500, 5))).toBe(true);
  expect(found[18]?.equals(bytes(500, 18))).toBe(true);
});

test("who leaves early leaves no process, and a closed repository is an error", async () => {
  const source = gitRepository();
  const id = source.writeObject("blob", bytes(200_000, 1));
  const repository = await openRepository(source.path);
  const asked = { size: 500, id: () => id };
  for await (const [content] of readObjects(repository, asked)) {
    expect(content?.length).toBe(200_000);
    break;
  }
  const reading = readObjects(repository, asked);
  await reading.next();
  await repository.close();
  const rest = (async () => {
    for await (const _ of reading);
  })();
  await expect(rest).rejects.toMatchObject({ code: "E_GIT" });
});

test("asks for nothing where nothing is wanted", async () => {
  expect(await readAll(gitRepository(), [])).toEqual([]);
});
