import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isStageError } from "@repotune/schema";
import { type Corpus, cut, mutate } from "@repotune/test-kit/mutation";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { beforeAll, expect, test } from "vitest";
import { parseCommitObject } from "../src/commit/commit-object.ts";
import { type CommitChanges, DiffParser } from "../src/diff/diff-parser.ts";
import { parseRawLine, type RawChange } from "../src/diff/raw-line.ts";
import { MergeTreeParser } from "../src/merge/merge-tree-parser.ts";
import { type Corpora, fuzzCorpora } from "./fuzz-corpora.ts";

/** Mutated inputs of each kind; `check/fuzz.mjs` asks for more. */
const INPUTS = Number(process.env.REPOTUNE_FUZZ_INPUTS ?? 3_000);
const SEED = Number(process.env.REPOTUNE_FUZZ_SEED ?? 1);
const TIMEOUT_MS = 3_600_000;

/** CPU time; an input this small that takes longer would take a large one for ever. */
const MAX_INPUT_MS = 1000;

let corpora: Corpora;
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "repotune-fuzz-"));
  corpora = fuzzCorpora(folder);
  rmSync(folder, { recursive: true });
}, 60_000);

/** Runs `parse` on mutated inputs, in one piece and in several, and returns the share of errors. */
function fuzz(
  corpus: Corpus,
  parse: (pieces: readonly Buffer[], random: Random) => unknown,
): number {
  const random = seededRandom(SEED);
  let errors = 0;
  for (let count = 0; count < INPUTS; count += 1) {
    const input = mutate(corpus, random);
    const choices = random.below(1 << 30);
    const from = process.cpuUsage().user;
    const [whole, pieces] = [[input], cut(input, random)].map((parts) =>
      outcome(() => parse(parts, seededRandom(choices))),
    );
    const elapsedMs = (process.cpuUsage().user - from) / 1000;
    if (whole !== pieces || elapsedMs > MAX_INPUT_MS) {
      const where = `input ${count} of seed ${SEED}: ${JSON.stringify(input.toString("latin1"))}`;
      expect(pieces, where).toBe(whole);
      expect(elapsedMs, where).toBeLessThan(MAX_INPUT_MS);
    }
    if (whole?.startsWith("E_")) errors += 1;
  }
  return errors / INPUTS;
}

/** What came of it, as text; anything but a StageError is thrown on. */
function outcome(parse: () => unknown): string {
  const records: unknown[] = [];
  try {
    records.push(parse());
    return JSON.stringify(records);
  } catch (error) {
    if (isStageError(error)) return error.code;
    throw error;
  }
}

/** Exact bytes as text, which JSON and comparisons take. */
const text = (bytes: Buffer | undefined) => bytes?.toString("latin1");

function assertRawChange(change: RawChange): void {
  const { status, similarity, oldMode, newMode, oldBlob, newBlob } = change;
  const ids = [oldBlob, newBlob, ...change.otherOldBlobs].join(" ");
  const head = `${oldMode} ${newMode} ${status} ${similarity ?? 0}`;
  if (/^[0-7]{6} [0-7]{6} [A-Z] \d{1,3}$/.test(head) && /^[0-9a-f ]+$/.test(ids)) return;
  throw new Error(`not a raw line: ${head} ${ids}`);
}

test.each(["ordinary", "combined"] as const)(
  "%s diffs, mutated, give records or a typed error, in whatever pieces they arrive",
  (kind) => {
    const share = fuzz(corpora[kind], (pieces, random) => {
      const limits = { maxPatchBytes: random.below(3000), maxCommitBytes: random.below(6000) };
      const commits: CommitChanges[] = [];
      const parser = new DiffParser(limits, (changes) => commits.push(changes));
      for (const piece of pieces) parser.push(piece);
      parser.end();
      for (const { files, keptBytes } of commits) {
        const held = files.reduce((sum, { patch }) => sum + patch.length, 0);
        if (held !== keptBytes || held > limits.maxCommitBytes) throw new Error(`holds ${held}`);
        files.forEach(assertRawChange);
      }
      return commits.map(({ commit, files }) => [
        commit,
        files.map((file) => ({
          ...file,
          ...{ path: text(file.path), oldPath: text(file.oldPath), patch: text(file.patch) },
        })),
      ]);
    });
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.95);
  },
  TIMEOUT_MS,
);

test(
  "raw lines, mutated, are changes or nothing",
  () => {
    fuzz(corpora.rawLines, (pieces) => {
      const change = parseRawLine(Buffer.concat(pieces));
      if (change) assertRawChange(change);
      return change && [change.status, text(change.path), text(change.oldPath)];
    });
  },
  TIMEOUT_MS,
);

test(
  "commit objects, mutated, are always taken apart, and the message is their end",
  () => {
    const share = fuzz(corpora.commits, (pieces) => {
      const object = Buffer.concat(pieces);
      const { message, author, committer, ...rest } = parseCommitObject(object);
      if (!object.subarray(object.length - message.length).equals(message)) throw new Error("cut");
      const people = [author, committer].map(({ name, email, seconds, zone }) => {
        if (seconds !== undefined && !(seconds >= 0)) throw new Error(`date ${seconds}`);
        return [name, email, seconds, zone];
      });
      return [text(message), people, rest];
    });
    expect(share).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "repeated merges, mutated, give paths or a typed error",
  () => {
    fuzz(corpora.merges, (pieces) => {
      const answers: unknown[] = [];
      const parser = new MergeTreeParser((paths) => answers.push(paths.map(text)));
      for (const piece of pieces) parser.push(piece);
      return answers;
    });
  },
  TIMEOUT_MS,
);
