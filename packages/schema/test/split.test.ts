import { describe, expect, it } from "vitest";
import { SPLIT_PRESETS, sideOf, splitRatios, temporalSplit } from "../src/index.ts";

describe("temporalSplit", () => {
  it("cuts 70/15/15 on commit boundaries", () => {
    expect(temporalSplit(100, splitRatios("70/15/15"))).toEqual({
      validationStart: 70,
      testStart: 85,
      total: 100,
    });
  });

  it("gives every side at least one commit, in order, whatever the history's length", () => {
    for (const ratios of Object.values(SPLIT_PRESETS)) {
      for (let total = 3; total < 300; total++) {
        const split = temporalSplit(total, ratios);
        const sides = Array.from({ length: total }, (_, n) => sideOf(split, n));
        expect(new Set(sides)).toEqual(new Set(["train", "validation", "test"]));
        expect(sides).toEqual([...sides].sort((a, b) => order(a) - order(b)));
      }
    }
  });

  it.each([0, 1, 2])("refuses a history of %i commits", (total) => {
    expect(() => temporalSplit(total, splitRatios("90/10"))).toThrow(`The history has ${total}`);
  });

  it("refuses ratios that do not sum to one, and unknown presets", () => {
    expect(() => temporalSplit(10, [0.5, 0.1, 0.1])).toThrow("do not sum to 1");
    expect(() => splitRatios("50/50")).toThrow('Unknown split "50/50"');
  });
});

const order = (side: string) => ["train", "validation", "test"].indexOf(side);
