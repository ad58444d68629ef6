import { tinyModel, truncatedModel, unsupportedModel } from "@repotune/test-kit/models";
import { expect, test } from "vitest";
import { parseBytes } from "../src/doctor/options.ts";
import { eventsOf, runCli } from "./support/run-cli.ts";

test("says what a machine has, a line each", async () => {
  const { code, stdout } = await runCli(["doctor", "--device", "cpu"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✓ Node\.js {4}\d+\.\d+\.\d+$/m);
  expect(stdout).toMatch(/^✓ git {8}\d+\.\d+/m);
  expect(stdout).toMatch(/^✓ llama\.cpp {2}ggml \d+\.\d+\.\d+, .+ 3\.22\.1$/m);
  expect(stdout).toMatch(/^✓ device {5}CPU: /m);
  expect(stdout).toMatch(/^✓ host {7}\d+ of \d+ threads .+ GiB of memory are free$/m);
});

test("plans a base for this machine, and for one that is not here", async () => {
  const base = await tinyModel({ type: "Q4_K", context: 1024 });
  const here = await runCli(["doctor", "--base", base, "--device", "cpu", "--threads", "1"]);
  expect(here.code).toBe(0);
  expect(here.stdout).toMatch(
    /^✓ base {7}tiny\.gguf: llama, 1,\d{3},\d{3} weights \(Q4_K \d+, Q6_K \d+\), vocabulary of 320, context of 1,024 tokens$/m,
  );
  expect(here.stdout).toMatch(/fits CPU, with sequences of up to 1,024 tokens$/m);
  expect(here.stdout).toMatch(/^ +tokens in a sequence +512 +1,024$/m);
  expect(here.stdout).toMatch(/^ +program +\d+ +\d+$/m);

  const card = await runCli(["doctor", "--base", base, "--device-memory", "8GB", "--json"]);
  expect(card.code).toBe(0);
  const memory = eventsOf(card).find(({ name }) => name === "memory");
  expect(memory).toMatchObject({ event: "check", state: "ok" });
  expect(memory?.text).toMatch(/free on GPU with 8GB +8,192 +8,192/);
});

test("exits 1 where nothing fits", async () => {
  const base = await tinyModel({ type: "Q8_0" });
  const { code, stdout, stderr } = await runCli([
    "doctor",
    "--base",
    base,
    "--device-memory",
    "300MB",
  ]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ memory .+ does not fit GPU with 300MB: take a smaller model/m);
  expect(stderr).toContain("No training is possible yet: see memory.");
});

test.each([
  ["unsupported", () => unsupportedModel(), "bert"],
  ["truncated", () => truncatedModel(), "is cut off"],
  ["missing", async () => "missing.gguf", "missing.gguf"],
])("says what is wrong with a %s base", async (_kind, makeModel, word) => {
  const { code, stdout, stderr } = await runCli(["doctor", "--base", await makeModel()]);
  expect(code).toBe(1);
  expect(stdout.split("\n").find((line) => line.startsWith("✗ base"))).toContain(word);
  expect(stderr).toContain("see base");
});

test("says which devices there are if it is asked for another", async () => {
  const { code, stdout } = await runCli(["doctor", "--device", "warp-drive"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ device {5}There is no device "warp-drive"\.\n.+ CPU/m);
});

test("amounts of memory are read as they are sold", async () => {
  expect(parseBytes("8GB")).toBe(8 * 2 ** 30);
  expect(parseBytes("7.5 GiB")).toBe(7.5 * 2 ** 30);
  expect(parseBytes("8192m")).toBe(8 * 2 ** 30);
  const { code, stderr } = await runCli(["doctor", "--device-memory", "lots"]);
  expect(code).toBe(2);
  expect(stderr).toContain('"lots" is no amount of memory.');
});
