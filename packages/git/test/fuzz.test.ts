import { isStageError } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { type Corpus, cut, mutate } from "@repotune/test-kit/mutation";
import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { type ObjectAnswer, ObjectParser } from "../src/object-parser.ts";

const INPUTS = Number(process.env.REPOTUNE_FUZZ_INPUTS ?? 5_000);
const SEED = Number(process.env.REPOTUNE_FUZZ_SEED ?? 1);
const MAX_BYTES = 2000;

function corpus(): Corpus {
  const repository = gitRepository();
  const id = repository.commit("One", { "a.txt": "1\n", "b.txt": "line\n".repeat(600), c: "" });
  const names = [id, `${id}^{tree}`, `${id}:a.txt`, `${id}:b.txt`, `${id}:c`, "0".repeat(40)];
  const answer = (requests: string[]) =>
    repository.gitBytes(["cat-file", "--batch"], `${requests.join("\n")}\n`);
  return {
    inputs: [answer(names), ...names.map((name) => answer([name]))],
    tokens: ["\n", " ", " missing\n", `${id} blob 3\nab\n\n`, " commit ", `${id} blob -1\n`, "\0"],
  };
}

function parse(pieces: readonly Buffer[]): string {
  const answers: ObjectAnswer[] = [];
  const parser = new ObjectParser(MAX_BYTES, (answer) => answers.push(answer));
  let end = "";
  try {
    for (const piece of pieces) parser.push(piece);
  } catch (error) {
    if (!isStageError(error)) throw error;
    end = error.code;
  }
  return JSON.stringify([answers.map(({ type, data }) => [type, data?.toString("latin1")]), end]);
}

test("whatever git cat-file answers, it is objects or a typed error, however it arrives", () => {
  const inputs = corpus();
  const random = seededRandom(SEED);
  let errors = 0;
  for (let count = 0; count < INPUTS; count += 1) {
    const input = mutate(inputs, random);
    const whole = parse([input]);
    if (whole.endsWith('"E_GIT"]')) errors += 1;
    const pieces = parse(cut(input, random));
    if (pieces !== whole) expect(pieces, `input ${count} of seed ${SEED}`).toBe(whole);
  }
  expect(errors).toBeGreaterThan(INPUTS / 10);
  expect(errors).toBeLessThan(INPUTS);
}, 3_600_000);
