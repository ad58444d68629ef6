import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const path = join(import.meta.dirname, "../examples/two-layer-network.mjs");

test("the example trains a network that knows XOR", () => {
  const lines = execFileSync(process.execPath, [path], { encoding: "utf8" }).trim().split("\n");
  const losses = lines.slice(0, -1).map((line) => Number(/^step \d+: loss (\S+)$/.exec(line)?.[1]));
  expect(losses).toHaveLength(5);
  expect(losses[0]).toBeGreaterThan(0.1);
  expect(losses.at(-1)).toBeLessThan(1e-4);
  const outputs = lines.at(-1)?.split(": ")[1]?.split(", ").map(Number);
  expect(outputs?.map(Math.round)).toEqual([0, 1, 1, 0]);
});

test("the README shows it as it is, in 40 lines", () => {
  const source = readFileSync(path, "utf8");
  expect(readFileSync(join(import.meta.dirname, "../README.md"), "utf8")).toContain(source);
  expect(source.trim().split("\n")).toHaveLength(40);
});
