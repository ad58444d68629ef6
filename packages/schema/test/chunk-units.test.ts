import { expect, test } from "vitest";
import { unitsOfChunk } from "../src/index.ts";

const member = (name: string, line: number) => ({
  function_name: null,
  qualified_name: name,
  section: null,
  line_range: { old: null, new: [line, line] },
  additions: 1,
  deletions: 0,
});

test("a chunk of one unit stays as it is", () => {
  const chunk = { kind: "const", qualified_name: "A", old_name: "B" };
  expect(unitsOfChunk(chunk)).toEqual([chunk]);
});

test("a chunk of several units gives each its own names, lines and counts, and what they share", () => {
  const chunk = {
    kind: "const",
    qualified_name: "A",
    old_name: "Z",
    additions: 2,
    members: [{ ...member("A", 1), old_name: "Z" }, member("B", 2)],
  };
  expect(unitsOfChunk(chunk)).toEqual([
    { kind: "const", ...member("A", 1), old_name: "Z" },
    { kind: "const", ...member("B", 2) },
  ]);
});
