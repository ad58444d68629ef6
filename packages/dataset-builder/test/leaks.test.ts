import { join } from "node:path";
import {
  type Dataset,
  DatasetSchema,
  historyHash,
  readCommits,
  readJsonFile,
  SafetensorsWriter,
  splitHistory,
  splitRatios,
  TOKEN_TENSORS,
  WINDOW_TENSORS,
} from "@repotune/schema";
import { hashOf } from "@repotune/test-kit/records";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { afterEach, describe, expect, test } from "vitest";
import { auditDataset } from "../src/audit/audit-dataset.ts";
import { type BuildOptions, stage } from "../src/index.ts";
import { type History, readHistory } from "../src/input/history.ts";
import { LineStore } from "../src/input/line-store.ts";
import { linesOf, type PlannedCommit, plannedHistory } from "./planned-history.ts";
import { readSafetensors } from "./read-safetensors.ts";
import { oneEach, tokenFolder } from "./token-folder.ts";

const COMMITS = 40;
/** On a branch that carries on after the cut, though it is dated before it. */
const FUTURE = 5;
const FUTURE_TIP = 39;
/** Nearly the same lines as {@link ORIGINAL}, after the cut. */
const COPY = 31;
const ORIGINAL = 2;
/** The same patch as {@link PICKED}, in other words: another context would make it another. */
const PICK = 36;
const PICKED = 8;
/** Written before the cut, merged after it. */
const LATE = 10;
const MERGE = 33;

function planted(): PlannedCommit[] {
  const mainline = (number: number): PlannedCommit => ({
    parents: number === 0 ? [] : [[FUTURE, LATE].includes(number - 1) ? number - 2 : number - 1],
    lines: linesOf(`own${number}`, 12),
  });
  const history = Array.from({ length: COMMITS }, (_, number) => mainline(number));
  const lines = linesOf("shared", 40);
  history[ORIGINAL] = { ...history[ORIGINAL], lines };
  history[COPY] = { ...history[COPY], lines: [...lines.slice(1), "let shared_new = 1;"] };
  history[PICKED] = { ...history[PICKED], lines: ["pick me"], file: "a.rs" };
  history[PICK] = { ...history[PICK], lines: ["pick me"], file: "a.rs" };
  history[FUTURE] = { parents: [4], branches: ["topic"], lines: linesOf("future", 12) };
  history[FUTURE_TIP] = { parents: [FUTURE], branches: ["topic"], lines: linesOf("tip", 12) };
  history[LATE] = { parents: [9], branches: ["main", "late"], lines: linesOf("late", 12) };
  history[MERGE] = { parents: [MERGE - 1, LATE], lines: [] };
  return history;
}

const buildPlanted = async (options: Partial<BuildOptions> = {}) => {
  const commits = plannedHistory(planted());
  const folder = await tokenFolder(oneEach(COMMITS), { commits });
  const settings = { ...folder, ...options };
  await stage.run(settings, {});
  const path = join(settings.outputDir, "dataset.json");
  const dataset: Dataset = await readJsonFile(path, DatasetSchema);
  const commitsOf = (side: string) =>
    readSafetensors(join(settings.outputDir, `${side}.safetensors`)).tensors.document_commit
      ?.values ?? [];
  return { settings, dataset, commitsOf, audit: dataset.leak_audit };
};

describe("a history that holds leaks", () => {
  test("gives a dataset without them, and names what was kept out", async () => {
    const { dataset, commitsOf, audit } = await buildPlanted();
    expect(audit?.is_clean).toBe(true);
    expect(audit?.found).toEqual({
      misplaced_commits: { count: 0, examples: [] },
      copied_commits: { count: 0, examples: [] },
      straddling_windows: { count: 0, examples: [] },
      repeated_documents: 0,
    });

    expect(audit?.kept_out.future_commits).toEqual({
      count: 2,
      examples: [
        { commit: hashOf(FUTURE), refs: ["topic"] },
        { commit: hashOf(FUTURE_TIP), refs: ["topic"] },
      ],
    });
    expect(audit?.kept_out.merged_later.examples).toEqual([
      { commit: hashOf(LATE), refs: ["main", "late"] },
    ]);
    expect(audit?.kept_out.copied_commits.examples).toEqual([
      {
        commit: hashOf(COPY),
        refs: ["main"],
        side: "validation",
        copy_of: hashOf(ORIGINAL),
        copy_of_side: "train",
        similarity: 0.951,
        by: "lines",
      },
      expect.objectContaining({
        commit: hashOf(PICK),
        side: "test",
        copy_of: hashOf(PICKED),
        by: "patch_id",
      }),
    ]);
    expect(dataset.dropped).toEqual({ copied_commit_in_validation: 1, copied_commit_in_test: 1 });

    const [train, validation, test] = ["train", "validation", "test"].map(commitsOf);
    expect(train).not.toContain(FUTURE);
    expect(train).not.toContain(LATE);
    expect(validation).not.toContain(COPY);
    expect(test).not.toContain(PICK);
    expect([...(validation ?? []), ...(test ?? [])]).toContain(LATE);
    const all = [train, validation, test].flat();
    expect(all.length).toBe(new Set(all).size);
    expect(all.length).toBe(COMMITS - 4);
  });

  test("says so if much of it is on no side", async () => {
    const notices: string[] = [];
    const side = Array.from({ length: 4 }, (_, i) => ({
      parents: [i === 0 ? 2 : 11 + i],
      branches: ["topic"],
    }));
    const commits = plannedHistory([...Array.from({ length: 12 }, () => ({})), ...side]);
    const settings = await tokenFolder(oneEach(16), { commits });
    await stage.run(settings, { onNotice: (text) => notices.push(text) });
    expect(notices).toEqual([expect.stringContaining("4 of 16 commits are left out")]);
  });

  test("has windows across its cuts, which are dropped and counted", async () => {
    const shape = { contextLength: 24, targetLength: 8, stride: 4 };
    const { settings, dataset, audit } = await buildPlanted({
      objective: "context-target",
      ...shape,
    });
    const across = (tokens: number) => {
      let windows = 0;
      for (let start = 0; start < tokens; start += shape.stride) if (start + 32 > tokens) windows++;
      return windows;
    };
    const { train, validation } = dataset.splits;
    const expected = across(train.tokens) + across(validation.tokens);
    expect(expected).toBeGreaterThan(0);
    expect(audit?.kept_out.windows_across_cuts).toBe(expected);
    expect(dataset.dropped.window_across_cut).toBe(expected);
    for (const side of ["train", "validation", "test"]) {
      const { tokens, windows } = readSafetensors(
        join(settings.outputDir, `${side}.safetensors`),
      ).tensors;
      const rows = windows?.values ?? [];
      for (let at = 2; at < rows.length; at += 3) {
        expect(rows[at]).toBeLessThanOrEqual(tokens?.values.length ?? 0);
      }
    }
  });

  test("shows how much of what held-out commits add stands in train", async () => {
    const { audit } = await buildPlanted({ keepDuplicates: true });
    const { validation } = audit?.line_overlap ?? {};
    expect(validation).toMatchObject({ copied_lines: 39, mostly_copied_commits: 1 });
    expect((validation?.novel_lines ?? 0) + 39).toBe(validation?.added_lines);
    expect(audit?.is_clean).toBe(false);
    expect(audit?.found.copied_commits.count).toBe(2);
  });
});

describe("the audit of a dataset with a leak in it", () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  /** Writes three sides whose documents have the given commits, and audits them. */
  async function auditOf(
    sides: Record<"train" | "validation" | "test", readonly number[]>,
    rows: Partial<Record<"train" | "validation" | "test", [number, number, number][]>> = {},
    ids: (commit: number) => readonly number[] = (commit) => oneEach(COMMITS)[commit]?.ids ?? [],
  ) {
    const folder = temporaryFolder();
    for (const side of ["train", "validation", "test"] as const) {
      await writeSide(
        join(folder, `${side}.safetensors`),
        sides[side].map(ids),
        sides[side],
        rows[side],
      );
    }
    const { commits } = await tokenFolder(oneEach(COMMITS), { commits: plannedHistory(planted()) });
    const lines = await LineStore.create(join(folder, "lines"));
    closers.push(() => lines.close());
    const history: History = await readHistory(readCommits(commits), lines);
    const split = splitHistory(history.graph, splitRatios("70/15/15"));
    const { sides: right } = split;
    return { right, ...(await auditDataset(folder, history, split)) };
  }

  const clean = { train: [0, 1, 2, 3, 8], validation: [29, 30, 32], test: [37, 38] };

  test("finds nothing in one that is clean", async () => {
    const { is_clean, right } = await auditOf(clean);
    expect(is_clean).toBe(true);
    for (const [side, commits] of Object.entries(clean)) {
      for (const commit of commits) expect(right[side as keyof typeof right]).toContain(commit);
    }
  });

  test("names a future commit on another ref, and its ref", async () => {
    const { is_clean, found } = await auditOf({ ...clean, train: [...clean.train, FUTURE] });
    expect(is_clean).toBe(false);
    expect(found.misplaced_commits).toEqual({
      count: 1,
      examples: [{ commit: hashOf(FUTURE), refs: ["topic"], side: "train", belongs_to: null }],
    });
  });

  test("names a commit that was merged after the cut", async () => {
    const { found } = await auditOf({ ...clean, train: [...clean.train, LATE] });
    expect(found.misplaced_commits.examples).toMatchObject([
      { commit: hashOf(LATE), side: "train", belongs_to: expect.stringMatching(/validation|test/) },
    ]);
  });

  test("names both commits of a near-duplicate across the cut", async () => {
    const { is_clean, found } = await auditOf({ ...clean, validation: [29, COPY] });
    expect(is_clean).toBe(false);
    expect(found.copied_commits.examples).toMatchObject([
      {
        commit: hashOf(COPY),
        side: "validation",
        copy_of: hashOf(ORIGINAL),
        copy_of_side: "train",
      },
    ]);
  });

  test("names a window that reaches over a cut, and one that reaches past its side", async () => {
    // 20 tokens a document: the window lies on commit 8, of train, and commit 30, of validation.
    const { is_clean, found } = await auditOf(
      { ...clean, train: [0, 1, 8, 30] },
      {
        train: [
          [0, 10, 60],
          [45, 55, 70],
          [70, 75, 81],
        ],
      },
    ); // prettier-ignore
    expect(is_clean).toBe(false);
    expect(found.straddling_windows).toEqual({
      count: 2,
      examples: [
        { side: "train", row: 1, start: 45, end: 70 },
        { side: "train", row: 2, start: 70, end: 81 },
      ],
    });
  });

  test("counts documents that stand on an earlier side, token for token", async () => {
    const same = oneEach(1)[0]?.ids ?? [];
    const { found } = await auditOf(clean, {}, () => same);
    expect(found.repeated_documents).toBe(clean.validation.length + clean.test.length);
  });

  async function writeSide(
    path: string,
    documents: readonly (readonly number[])[],
    commits: readonly number[],
    rows: readonly [number, number, number][] = [],
  ) {
    const writer = new SafetensorsWriter(path);
    let end = 0n;
    const ends = [0n, ...documents.map(({ length }) => (end += BigInt(length)))];
    await writer.append(TOKEN_TENSORS.documentOffsets, "I64", BigInt64Array.from(ends));
    await writer.append(WINDOW_TENSORS.windows, "I64", BigInt64Array.from(rows.flat(), BigInt));
    await writer.append(TOKEN_TENSORS.documentCommit, "I32", Int32Array.from(commits));
    await writer.append(TOKEN_TENSORS.tokens, "U16", Uint16Array.from(documents.flat()));
    await writer.commit({}, { [WINDOW_TENSORS.windows]: [-1, 3] });
  }
});

test("a vocabulary trained before branches moved is refused", async () => {
  const commits = plannedHistory(planted());
  const options = JSON.stringify({ split: "70/15/15" });
  const metadata = { options, train_hash: historyHash(["another"]) };
  const moved = await tokenFolder(oneEach(COMMITS), { commits, metadata });
  await expect(stage.run(moved, {})).rejects.toMatchObject({
    code: "E_MISMATCH",
    message: expect.stringMatching(/trained on other commits/),
    hint: expect.stringMatching(/Branches have moved/),
  });
});
