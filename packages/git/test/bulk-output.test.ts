import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { StageError } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { openBulkOutput } from "../src/bulk-output.ts";
import { openRepository } from "../src/index.ts";

const content = Array.from({ length: 300_000 }, (_, line) => `line ${line}\n`).join("");

test("much output comes whole, in order and in large pieces", async () => {
  const source = gitRepository();
  source.commit("One", { "a.txt": content });
  const repository = await openRepository(source.path);
  try {
    const child = await repository.spawnBulk(["cat-file", "blob", "HEAD:a.txt"]);
    const pieces: Buffer[] = [];
    for await (const piece of child.stdout) pieces.push(piece);
    await child.done;
    expect(Buffer.concat(pieces).equals(Buffer.from(content))).toBe(true);
    expect(pieces.length).toBeLessThan(content.length / 8192);
  } finally {
    await repository.close();
  }
});

test.each([0, 1, 30])(
  "pieces given back %i later are whole, and their memory is used again",
  async (lag) => {
    const source = gitRepository();
    source.commit("One", { "a.txt": content.repeat(6) });
    const repository = await openRepository(source.path);
    try {
      const child = await repository.spawnBulk(["cat-file", "blob", "HEAD:a.txt"]);
      const hash = createHash("sha256");
      const blocks = new Set<ArrayBufferLike>();
      const held: Buffer[] = [];
      const giveBack = () => {
        const piece = held.shift() as Buffer;
        hash.update(piece);
        child.release(piece);
      };
      for await (const piece of child.stdout) {
        held.push(piece);
        blocks.add(piece.buffer);
        if (held.length > lag) giveBack();
      }
      while (held.length > 0) giveBack();
      await child.done;
      const expected = createHash("sha256").update(content.repeat(6)).digest("hex");
      expect(hash.digest("hex")).toBe(expected);
      if (lag <= 1) expect(blocks.size).toBeLessThan(4); // Of twenty megabytes.
    } finally {
      await repository.close();
    }
  },
);

test("reading fails with the reason for which the process was ended", async () => {
  const source = gitRepository();
  source.commit("One", { "a.txt": content });
  const repository = await openRepository(source.path);
  try {
    const child = await repository.spawnBulk(["cat-file", "blob", "HEAD:a.txt"]);
    const reading = (async () => {
      for await (const _ of child.stdout) child.kill(new StageError("E_INTERRUPTED", "Enough."));
    })();
    await expect(reading).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    await expect(child.done).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  } finally {
    await repository.close();
  }
});

test("a process that fails says so after the end of its output", async () => {
  const source = gitRepository();
  const repository = await openRepository(source.path);
  try {
    const child = await repository.spawnBulk(["cat-file", "blob", "nowhere"]);
    for await (const piece of child.stdout) expect(piece).toBeUndefined();
    await expect(child.done).rejects.toMatchObject({ code: "E_GIT" });
  } finally {
    await repository.close();
  }
});

test("there is none where the path is too long for a socket", async () => {
  const folder = join(gitRepository().path, "long".repeat(40));
  mkdirSync(folder);
  expect(await openBulkOutput(folder)).toBeUndefined();
});
