import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Comparison, compareWithLabels, summarize } from "../corpus/score.mjs";
import { chunkCommits } from "../src/index.ts";
import { languageOf } from "../src/languages/registry.ts";

/** Language of each labelled repository. */
const LANGUAGES: Record<string, string> = {
  axum: "rust",
  cargo: "rust",
  cobra: "go",
  flask: "python",
  "huggingface.js": "typescript",
  ripgrep: "rust",
  "the-block": "rust",
};

const comparisons = await compareWithLabels(chunkCommits, join(import.meta.dirname, "../corpus"));

/** Only what is cut by syntax can be right. */
const cut = comparisons.filter(({ repository }) => languageOf(LANGUAGES[repository] ?? ""));
const summary = summarize(cut);

describe("labelled changes", () => {
  it("are many, and all found", () => {
    expect(summary.labels).toBeGreaterThan(900);
    expect(cut.filter(({ chunk }) => !chunk).map(placeOf)).toEqual([]);
  });

  it("have the op and the name that a person sees", () => {
    expect(summary.accuracy.op).toBeGreaterThanOrEqual(0.98);
    expect(summary.accuracy.name).toBeGreaterThanOrEqual(0.98);
  });

  it("lie in the module that rustc would say", () => {
    expect(summary.accuracy.module_path).toBeGreaterThanOrEqual(0.98);
  });

  it("have the change type that a person sees", () => {
    expect(summary.accuracy.change_type).toBeGreaterThanOrEqual(0.9);
    expect(summary.classes.filter(({ f1 }) => f1 < 0.75)).toEqual([]);
  });

  it("are hardly ever taken for renames", () => {
    expect(summary.falseRenames).toBeLessThan(0.02);
  });
});

it("has a language for every labelled repository", () => {
  expect([...new Set(comparisons.map(({ repository }) => repository))].sort()).toEqual(
    Object.keys(LANGUAGES).sort(),
  );
});

const placeOf = ({ label }: Comparison) => `${label.commit} ${label.file}:${label.line}`;
