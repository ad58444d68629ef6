import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { Alignment } from "../src/diff/alignment.ts";
import { parsePatch } from "../src/diff/patch.ts";

/** A patch of several hunks, at random places of a file. */
function randomPatch(seed: number): string {
  const random = seededRandom(seed);
  let text = "";
  let [old, fresh] = [1, 1];
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const gap = random.below(5);
    const signs = Array.from(
      { length: 1 + random.below(8) },
      () => " +-"[random.below(3)] as string,
    );
    const oldCount = signs.filter((sign) => sign !== "+").length;
    const newCount = signs.filter((sign) => sign !== "-").length;
    const at = (line: number, lines: number) => `${lines === 0 ? line - 1 : line},${lines}`;
    text += `@@ -${at(old + gap, oldCount)} +${at(fresh + gap, newCount)} @@\n`;
    text += signs.map((sign) => `${sign}x\n`).join("");
    old += gap + oldCount;
    fresh += gap + newCount;
  }
  return text;
}

describe("an alignment", () => {
  it("finds the row of each line in the hunks, and its place in the other file", () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const patch = parsePatch(randomPatch(seed));
      if (!patch) throw new Error(`Seed ${seed} makes no patch.`);
      const alignment = new Alignment(patch);
      const olds = new Map<number, number>();
      const news = new Map<number, number>();
      for (const [index, row] of patch.rows.entries()) {
        if (row.sign !== "+") olds.set(row.old, index);
        if (row.sign !== "-") news.set(row.new, index);
      }
      let shift = 0;
      for (let line = 1; line < 60; line += 1) {
        expect(alignment.rowOfOld(line)).toBe(olds.get(line));
        expect(alignment.rowOfNew(line)).toBe(news.get(line));
        const row = patch.rows[olds.get(line) ?? -1];
        const hunk = patch.hunks.findLast((last) => last.oldStart + last.oldCount <= line);
        if (hunk) shift = hunk.newStart + hunk.newCount - hunk.oldStart - hunk.oldCount;
        expect(alignment.newAt(line)).toBe(row ? row.new : line + shift);
        if (!row) expect(alignment.oldAt(alignment.newAt(line))).toBe(line);
      }
    }
  });
});
