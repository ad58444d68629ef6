import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AtomicFile, isStageError, writeFileAtomically, writeJsonFile } from "../src/index.ts";
import { temporaryFolder } from "./folder.ts";

it("has its final name only once it is complete", async () => {
  const path = join(await temporaryFolder(), "deep", "er", "file.txt");
  const file = await AtomicFile.create(path);
  await file.write("half");
  await expect(access(path)).rejects.toThrow("ENOENT");
  await file.write(" and half");
  const written = await file.commit();
  expect(await readFile(path, "utf8")).toBe("half and half");
  expect(written).toEqual({
    path,
    bytes: 13,
    sha256: createHash("sha256").update("half and half").digest("hex"),
  });
});

it("writes more than its buffer in order", async () => {
  const path = join(await temporaryFolder(), "big");
  const parts = Array.from({ length: 50 }, () => randomBytes(100_000));
  const written = await writeFileAtomically(path, async (file) => {
    for (const part of parts) await file.write(part);
  });
  expect(Buffer.concat(parts).equals(await readFile(path))).toBe(true);
  expect(written.bytes).toBe(5_000_000);
});

it("leaves nothing behind, and the old file as it was, when the writer fails", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "file.json");
  await writeJsonFile(path, { old: true });
  const failing = writeFileAtomically(path, async (file) => {
    await file.write("new");
    throw new Error("in the middle");
  });
  await expect(failing).rejects.toThrow("in the middle");
  expect(await readdir(folder)).toEqual(["file.json"]);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ old: true });
});

it("says what stands in the way of an output", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  const inFile = await AtomicFile.create(join(folder, "file", "below")).catch((e: unknown) => e);
  expect(inFile).toMatchObject({ code: "E_OUTPUT" });
  expect(isStageError(inFile) && inFile.hint).toContain("A file stands where a folder is needed");

  await mkdir(join(folder, "folder"));
  await expect(writeFileAtomically(join(folder, "folder"), "text")).rejects.toMatchObject({
    code: "E_OUTPUT",
    hint: expect.stringContaining("A folder stands"),
  });
  expect((await readdir(folder)).sort()).toEqual(["file", "folder"]);
});

it("gives up where no folder can be made, below /proc", async () => {
  await expect(writeFileAtomically("/proc/no/such/file", "text")).rejects.toMatchObject({
    code: "E_OUTPUT",
    hint: expect.stringContaining("No folder can be made"),
  });
});

it("reports a full disk", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "full");
  await symlink("/dev/full", `${path}.tmp`);
  await expect(writeFileAtomically(path, "text")).rejects.toMatchObject({
    code: "E_OUTPUT",
    hint: expect.stringContaining("The disk is full"),
  });
});
