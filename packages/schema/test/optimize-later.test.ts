import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { optimizationFlags } from "../src/command/optimize-later.ts";

test("this Node knows every flag that it is given", () => {
  const known = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  for (const flag of optimizationFlags(process.versions.v8)) {
    expect(known).toContain(`${flag.split("=", 1).join("")} (`);
  }
});

test("a version of V8 is told by its major number; one that is not known is left as it is", () => {
  expect(optimizationFlags("11.3.244.8-node.38")).toEqual(["--interrupt-budget=1000000"]);
  for (const version of ["10.2.154", "12.4.254.21-node.57", "13.6.233.17-node.53", "113.1", ""]) {
    expect(optimizationFlags(version)).toEqual([]);
  }
});
