import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, onTestFinished, test } from "vitest";
import { ObjectReader, type ObjectReaderOptions, openRepository } from "../src/index.ts";
import { bytes } from "./bytes.ts";

async function readerOf(source: TestRepository, options?: ObjectReaderOptions) {
  const repository = await openRepository(source.path);
  const reader = ObjectReader.open(repository, options);
  onTestFinished(async () => {
    await reader.close();
    await repository.close();
  });
  return reader;
}

test("answers thousands of requests in order, the missing ones among them", async () => {
  const source = gitRepository();
  const contents = Array.from({ length: 3000 }, (_, index) =>
    bytes(index % 50 === 0 ? 100_000 + index : index % 300, index),
  );
  const ids = contents.map((content) => source.writeObject("blob", content));
  const reader = await readerOf(source);
  const requests = ids.flatMap((id, index) => (index % 7 ? [id] : [id, "0".repeat(40)]));
  const answers = await Promise.all(requests.map((id) => reader.read(id)));
  const found = answers.filter((_, index) => !/^0+$/.test(requests[index] ?? ""));
  expect(found).toHaveLength(3000);
  for (const [index, content] of contents.entries()) {
    expect(found[index]?.equals(content), `blob ${index}`).toBe(true);
  }
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(Math.ceil(3000 / 7));
});

test("tells the type of an object, and refuses what is no id", async () => {
  const source = gitRepository();
  const commit = source.commit("One", { "a.txt": "1\n" });
  const reader = await readerOf(source);
  expect((await reader.readTyped(commit)).type).toBe("commit");
  expect((await reader.readTyped(source.git("rev-parse", "HEAD^{tree}"))).type).toBe("tree");
  expect((await reader.read(commit))?.toString()).toContain("\n\nOne\n");
  for (const id of ["HEAD", "", commit.slice(1), `${commit}\n${commit}`, commit.toUpperCase()]) {
    await expect(reader.read(id)).rejects.toMatchObject({ code: "E_INPUT" });
  }
});

test("passes over objects larger than its limit", async () => {
  const source = gitRepository();
  const small = source.writeObject("blob", bytes(1000, 1));
  const large = source.writeObject("blob", bytes(1001, 2));
  const reader = await readerOf(source, { maxBytes: 1000 });
  const answers = await Promise.all([large, small, large].map((id) => reader.read(id)));
  expect(answers.map((answer) => answer?.length)).toEqual([undefined, 1000, undefined]);
});

test("a damaged object counts as missing, and the ones after it are read", async () => {
  const source = gitRepository();
  const ids = Array.from({ length: 20 }, (_, seed) =>
    source.writeObject("blob", bytes(5000, seed)),
  );
  for (const id of [ids[3], ids[4], ids[19]] as string[]) {
    const path = join(source.gitDir, "objects", id.slice(0, 2), id.slice(2));
    chmodSync(path, 0o644);
    writeFileSync(path, "no zlib stream");
  }
  const reader = await readerOf(source);
  const answers = await Promise.all(ids.map((id) => reader.read(id)));
  const missing = answers.flatMap((answer, index) => (answer ? [] : [index]));
  expect(missing).toEqual([3, 4, 19]);
  expect(answers[5]?.equals(bytes(5000, 5))).toBe(true);
});

test("reads SHA-256 objects", async () => {
  const source = gitRepository({ objectFormat: "sha256" });
  const id = source.writeObject("blob", "content");
  const reader = await readerOf(source);
  expect((await reader.read(id))?.toString()).toBe("content");
});

test("closing fails what is still open", async () => {
  const source = gitRepository();
  const id = source.writeObject("blob", "content");
  const reader = await readerOf(source);
  const open = reader.read(id);
  await Promise.all([expect(open).rejects.toMatchObject({ code: "E_INTERNAL" }), reader.close()]);
  await expect(reader.read(id)).rejects.toMatchObject({ code: "E_INTERNAL" });
});
