import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import type { CodeRow } from "../src/emit/code-row.ts";
import { splitRows } from "../src/emit/split-rows.ts";

const row = (text: string, sides: Partial<CodeRow>): CodeRow => ({
  text,
  old: 0,
  new: 0,
  depth: undefined,
  ...sides,
});

const sizeOf = (rows: CodeRow[], side: "old" | "new") =>
  rows.filter((one) => one[side] > 0).reduce((sum, { text }) => sum + text.length + 1, 0);

describe("rows", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("are all in parts that are short enough (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const rows = Array.from({ length: 20 + random.below(400) }, (_, index) => {
      const text = " ".repeat(random.below(20)) + "x".repeat(random.below(40));
      const side = random.below(4);
      return row(text, {
        old: side === 0 ? 0 : index + 1,
        new: side === 1 ? 0 : index + 1,
        depth: [undefined, 0, 1, 2, 254, 255][random.below(6)],
      });
    });
    const parts = splitRows(rows, 200);
    expect(parts.flat()).toEqual(rows);
    for (const part of parts.filter(({ length }) => length > 1)) {
      expect(sizeOf(part, "old")).toBeLessThanOrEqual(200);
      expect(sizeOf(part, "new")).toBeLessThanOrEqual(200);
    }
  });

  it("of a side that was replaced as a whole are divided as evenly as any", () => {
    for (let count = 1000; count < 1100; count += 10) {
      const side = (name: "old" | "new") =>
        Array.from({ length: count }, (_, index) => row("x", { [name]: index + 1, depth: 255 }));
      const alone = splitRows(side("old"), 100).length;
      const both = splitRows([...side("old"), ...side("new")], 100).length;
      expect(both).toBeLessThanOrEqual(2 * alone + 1);
    }
  });
});
