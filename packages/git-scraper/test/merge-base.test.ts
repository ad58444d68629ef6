import { spawnSync } from "node:child_process";
import { openRepository } from "@repotune/git";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import type { CommitGraph } from "../src/history/commit-graph.ts";
import { MergeBaseFinder } from "../src/history/merge-base.ts";
import { readHistory } from "../src/history/read-history.ts";
import { parseRefSelection } from "../src/history/ref-selection.ts";
import { listRefs } from "../src/history/refs.ts";

interface Opened {
  graph: CommitGraph;
  finder: MergeBaseFinder;
}

async function open(repository: TestRepository): Promise<Opened> {
  const source = await openRepository(repository.path);
  try {
    const { graph } = await readHistory(source, await listRefs(source, parseRefSelection("all")));
    const dates = new Float64Array(graph.size);
    for (const line of repository.git("log", "--all", "--format=%H %ct").split("\n")) {
      const [id = "", seconds] = line.split(" ");
      dates[graph.indexOf(id)] = Number(seconds);
    }
    return { graph, finder: new MergeBaseFinder(graph, dates) };
  } finally {
    await source.close();
  }
}

/** Lines that git prints; without a base it ends with 1 and prints none. */
function plainMergeBase(repository: TestRepository, ...args: string[]): string[] {
  const { stdout } = spawnSync("git", ["merge-base", ...args], { cwd: repository.path });
  return stdout.toString().split("\n").slice(0, -1);
}

/**
 * A random history: several roots, merges of up to four, criss-cross merges (parents are drawn from
 * the last few commits), and dates that are few, so that many are equal, and in no order.
 */
function randomHistory(seed: number): TestRepository {
  const random = seededRandom(seed);
  const commits = 60;
  const span = [1, 4, 1000][seed % 3] as number;
  let input = "";
  for (let mark = 1; mark <= commits; mark += 1) {
    const date = 1_700_000_000 + random.below(span) + (seed % 2) * mark;
    const parents = new Set<number>();
    const wanted = random.uniform() < 0.04 ? 0 : 1 + (random.uniform() < 0.6 ? 1 : 0);
    const more = random.uniform() < 0.1 ? random.below(3) : 0;
    for (let count = 0; count < wanted + more && mark > 1; count += 1) {
      parents.add(Math.max(1, mark - 1 - random.below(6)));
    }
    input += `commit refs/heads/b${mark}\nmark :${mark}\ncommitter A <a@b> ${date} +0000\n`;
    input += `data ${`${mark}`.length}\n${mark}\n`; // No two commits are the same.
    input += [...parents]
      .map((parent, index) => `${index === 0 ? "from" : "merge"} :${parent}\n`)
      .join("");
    input += "\n";
  }
  const repository = gitRepository();
  repository.gitBytes(["fast-import", "--quiet"], input);
  return repository;
}

test.each([1, 2, 3, 4, 5, 6])(
  "random history %i: every merge base is git's",
  async (seed) => {
    const repository = randomHistory(seed);
    const { graph, finder } = await open(repository);
    expect(graph.size).toBe(60);
    let several = 0;
    for (let index = 0; index < graph.size; index += 1) {
      const [one, other] = [...graph.parents(index)].map((parent) => graph.id(parent));
      if (one === undefined || other === undefined) continue;
      const base = finder.ofMerge(index);
      const found = base === null ? [] : [graph.id(base)];
      expect(found, `${one} ${other}`).toEqual(plainMergeBase(repository, one, other));
      if (plainMergeBase(repository, "--all", one, other).length > 1) several += 1;
    }
    expect(several).toBeGreaterThan(0);
  },
  30_000,
);

test("commits without a common ancestor have no merge base", async () => {
  const repository = gitRepository();
  const one = repository.commit("One", { a: "1\n" });
  const other = repository.commit("Other", { b: "1\n" }, { parents: [] });
  const merge = repository.commit("Merge", {}, { parents: [one, other] });
  const { graph, finder } = await open(repository);
  expect(finder.ofMerge(graph.indexOf(merge))).toBeNull();
  expect(finder.ofMerge(graph.indexOf(one))).toBeNull();
});

test("a commit is its own merge base, and an ancestor its descendant's", async () => {
  const repository = gitRepository();
  const one = repository.commit("One", { a: "1\n" });
  const two = repository.commit("Two", { a: "2\n" });
  const { graph, finder } = await open(repository);
  const [first, second] = [graph.indexOf(one), graph.indexOf(two)];
  expect(finder.of(first, second)).toBe(first);
  expect(finder.of(second, first)).toBe(first);
  expect(finder.of(second, second)).toBe(second);
});
