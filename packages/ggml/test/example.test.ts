import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the example in the README trains a network that knows XOR", () => {
  const path = join(import.meta.dirname, "../examples/two-layer-network.mjs");
  const lines = execFileSync(process.execPath, [path], { encoding: "utf8" }).trim().split("\n");
  const losses = lines.slice(0, -1).map((line) => Number(/^step \d+: loss (\S+)$/.exec(line)?.[1]));
  expect(losses).toHaveLength(5);
  expect(losses[0]).toBeGreaterThan(0.1);
  expect(losses.at(-1)).toBeLessThan(1e-4);
  const outputs = lines.at(-1)?.split(": ")[1]?.split(", ").map(Number);
  expect(outputs?.map(Math.round)).toEqual([0, 1, 1, 0]);
});
