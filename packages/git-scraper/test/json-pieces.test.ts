import { expect, test } from "vitest";
import { jsonPieces } from "../src/output/json-pieces.ts";

const rows = Array.from({ length: 5000 }, (_, index) => ({ index, text: `"${"é".repeat(9)}` }));

test.each([
  [
    [
      { a: 1, b: [], c: [1, null, "x"] },
      { d: { e: rows.slice(0, 2) }, rows, f: null },
    ],
  ],
  [[{ rows: ["x".repeat(1 << 17), "y"] }]],
  [[{ only: true }]],
])("the pieces are together what JSON.stringify writes", (parts) => {
  const pieces = [...jsonPieces(...parts)];
  expect(pieces.join("")).toBe(JSON.stringify(Object.assign({}, ...parts)));
});

test("no piece is much longer than 64 Ki characters, and properties are read one by one", () => {
  let made = 0;
  const table = {
    get first() {
      made += 1;
      return rows;
    },
    get second() {
      made += 1;
      return rows;
    },
  };
  let isSecond = false;
  for (const piece of jsonPieces({ before: 1 }, table)) {
    expect(piece.length).toBeLessThan(70_000);
    isSecond ||= piece.includes("second");
    if (!isSecond) expect(made).toBeLessThan(2);
  }
  expect(made).toBe(2);
});
