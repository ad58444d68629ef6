import { describe, expect, it, test } from "vitest";
import {
  HistoryGraph,
  SPLIT_PRESETS,
  SPLIT_SIDES,
  type SplitRatios,
  splitHistory,
  splitRatios,
} from "../src/index.ts";

/** A commit of a test's history; parents by name. */
interface Planned {
  name: string;
  parents?: readonly string[];
  /** Seconds since 1970. @default a minute after the commit before it in the list */
  date?: number;
  /** @default ["main"] */
  branches?: readonly string[];
}

const START = 1_600_000_000;

function graphOf(commits: readonly Planned[], current: string | null = "main"): HistoryGraph {
  const graph = new HistoryGraph();
  for (const [i, { name, parents = [], date, branches = ["main"] }] of commits.entries()) {
    graph.add({
      metadata: {
        hash: name,
        parents: [...parents],
        commit_timestamp_unix: date ?? START + 60 * i,
      },
      branches: branches.map((branch_name) => ({
        branch_name,
        is_current: branch_name === current,
        is_remote: false,
      })),
    });
  }
  return graph;
}

const linear = (length: number, dates: Record<number, number> = {}): HistoryGraph =>
  graphOf(
    Array.from({ length }, (_, n) => ({
      name: `c${n}`,
      parents: n === 0 ? [] : [`c${n - 1}`],
      ...(dates[n] !== undefined && { date: dates[n] }),
    })),
  );

/** Names of the commits of each side, and of those on none. */
function sidesOf(graph: HistoryGraph, ratios: SplitRatios = [0.5, 0.25, 0.25]) {
  const { sides, leftOut } = splitHistory(graph, ratios);
  const names = (commits: readonly number[]) => commits.map((commit) => graph.hashes[commit]);
  return {
    train: names(sides.train),
    validation: names(sides.validation),
    test: names(sides.test),
    leftOut: names(leftOut),
  };
}

describe("a linear history", () => {
  it("is cut 70/15/15 on commit boundaries", () => {
    const { validationStart, testStart } = splitHistory(linear(100), splitRatios("70/15/15"));
    expect([validationStart, testStart]).toEqual([70, 85]);
  });

  it("gives every side at least one commit, in order, whatever its length", () => {
    for (const ratios of Object.values(SPLIT_PRESETS)) {
      for (let total = 3; total < 120; total++) {
        const { sides } = splitHistory(linear(total), ratios);
        expect(SPLIT_SIDES.flatMap((side) => sides[side])).toEqual([...Array(total).keys()]);
        for (const side of SPLIT_SIDES) expect(sides[side].length).toBeGreaterThan(0);
      }
    }
  });

  it.each([0, 1, 2])("is refused with %i commits", (total) => {
    expect(() => splitHistory(linear(total), splitRatios("90/10"))).toThrow(
      `The history has ${total}`,
    );
  });
});

describe("branches", () => {
  const main = (name: string, ...parents: string[]): Planned => ({ name, parents });
  const topic = (name: string, parent: string, branches = ["topic"]): Planned => ({
    name,
    parents: [parent],
    branches,
  });

  test("what a merge brings in after the cut is the future, though it was written before", () => {
    const merged = ["main", "topic"];
    const graph = graphOf([
      main("a"),
      main("b", "a"),
      topic("early", "b", merged),
      main("c", "b"),
      main("d", "c"),
      main("e", "d"),
      main("merge", "e", "early"),
      main("f", "merge"),
    ]);
    const sides = sidesOf(graph);
    expect(sides.train).toEqual(["a", "b", "c", "d"]);
    expect(sides.validation).toEqual(["e", "early", "merge"]);
    expect(sides.test).toEqual(["f"]);
  });

  test("what was merged before the cut is train, with its merge", () => {
    const graph = graphOf([
      main("a"),
      topic("t1", "a", ["main", "topic"]),
      main("b", "a"),
      main("merge", "b", "t1"),
      main("c", "merge"),
      main("d", "c"),
      main("e", "d"),
      main("f", "e"),
    ]);
    expect(sidesOf(graph).train).toEqual(["a", "b", "t1", "merge"]);
  });

  test("an unmerged branch feeds train if it ended before the cut, and no side if it carries on", () => {
    const graph = graphOf([
      main("a"),
      topic("ended", "a", ["old"]),
      topic("fork", "a", ["new", "old-copy"]),
      main("b", "a"),
      main("c", "b"),
      main("d", "c"),
      main("e", "d"),
      main("f", "e"),
      topic("tip", "fork", ["new"]),
    ]);
    const sides = sidesOf(graph);
    expect(sides.train).toEqual(["a", "ended", "b", "c"]);
    expect(sides.leftOut).toEqual(["fork", "tip"]);
  });

  test("a branch carries on by its name, too, where a filter left out what joins its commits", () => {
    const graph = graphOf([
      main("a"),
      topic("fork", "missing"),
      main("b", "a"),
      main("c", "b"),
      main("d", "c"),
      topic("tip", "missing too"),
    ]);
    expect(sidesOf(graph).leftOut).toEqual(["fork", "tip"]);
  });

  test("the branch with most commits stands in for a HEAD that is on none", () => {
    const graph = graphOf(
      [main("a"), topic("t", "a"), main("b", "a"), main("c", "b"), main("d", "c"), topic("u", "t")],
      null,
    );
    expect(sidesOf(graph)).toMatchObject({ train: ["a", "b"], leftOut: ["t", "u"] });
    const without = graphOf(
      [{ name: "a", branches: [] }, main("b", "a"), main("c", "b")].map((commit) => ({
        ...commit,
        branches: [],
      })),
    ); // prettier-ignore
    expect(sidesOf(without)).toMatchObject({ train: ["a"], validation: ["b"], test: ["c"] });
  });

  test("of a commit on HEAD's branch HEAD's and a few others are remembered, of another all", () => {
    const names = Array.from({ length: 30 }, (_, n) => `pr-${n}`);
    const graph = graphOf([
      { name: "a", branches: [...names, "main"] },
      { name: "b", parents: ["a"], branches: names },
    ]);
    const namesOf = (commit: number) =>
      Array.from(graph.branchesOf(commit), (branch) => graph.branches[branch]?.branch_name);
    expect(namesOf(0)).toEqual(["main", ...names.slice(0, 9)]);
    expect(namesOf(1)).toEqual(names);
  });

  test("without the merges, commits land when they were made", () => {
    const graph = graphOf([
      main("a"),
      main("b", "a"),
      main("t", "a"),
      main("c", "missing"),
      main("d", "c"),
      main("e", "missing"),
    ]);
    expect(sidesOf(graph)).toEqual({
      train: ["a", "b", "t"],
      validation: ["c", "d"],
      test: ["e"],
      leftOut: [],
    });
  });

  test("a mainline of two merges is refused, by its own name", () => {
    const graph = graphOf([main("a"), topic("x", "a", ["main"]), main("merge", "a", "x")]);
    expect(() => sidesOf(graph)).toThrow("2 commits follow one another on HEAD's mainline");
  });
});

describe("dates", () => {
  const repairs = (graph: HistoryGraph) =>
    splitHistory(graph, [0.5, 0.25, 0.25]).repaired.map(({ commit, fault }) => [commit, fault]);

  it("are left alone where they rise", () => {
    expect(repairs(linear(10))).toEqual([]);
  });

  it("before 1970, of a far future, and of a clock that ran ahead cost one commit each", () => {
    const graph = linear(12, { 2: -5, 4: 9_000_000_000, 6: START + 86_400, 9: START - 86_400 });
    expect(repairs(graph)).toEqual([
      [2, "before_1970"],
      [4, "far_future"],
      [6, "out_of_order"],
      [9, "out_of_order"],
    ]);
    const { dates } = splitHistory(graph, [0.5, 0.25, 0.25]);
    expect([...dates]).toEqual([...dates].sort((a, b) => a - b));
    expect(dates[6]).toBe(START + 5 * 60);
  });

  it("never exceed those of children, whatever they are stated to be", () => {
    let state = 7;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state % below;
    };
    for (let round = 0; round < 200; round++) {
      const length = 3 + random(30);
      const planned: Planned[] = [{ name: "c0", date: random(4000) - 100 }];
      for (let n = 1; n < length; n++) {
        const parents = [`c${n - 1 - random(Math.min(n, 2))}`];
        if (random(3) === 0) parents.push(`c${random(n)}`);
        const branches = random(4) > 0 ? ["main"] : ["other"];
        planned.push({ name: `c${n}`, parents, date: random(4000) - 100, branches });
      }
      planned.push({ name: "tip", parents: [`c${length - 1}`] });
      const graph = graphOf(containing(planned));
      try {
        const { dates, sides, leftOut } = splitHistory(graph, [0.5, 0.25, 0.25]);
        for (const [commit, parents] of graph.parents.entries()) {
          for (const parent of parents)
            expect(dates[parent]).toBeLessThanOrEqual(dates[commit] ?? 0);
        }
        const all = [...SPLIT_SIDES.flatMap((side) => sides[side]), ...leftOut];
        expect(all.sort((a, b) => a - b)).toEqual([...graph.hashes.keys()]);
        // Nothing that train holds descends from anything that it does not.
        const inTrain = new Set(sides.train);
        for (const commit of sides.train) {
          for (const parent of graph.parents[commit] ?? []) expect(inTrain).toContain(parent);
        }
      } catch (error) {
        expect(String(error)).toMatch(/needs at least 3/);
      }
    }
  });
});

test("ratios that do not sum to one, and unknown presets, are refused", () => {
  expect(() => splitHistory(linear(10), [0.5, 0.1, 0.1])).toThrow("do not sum to 1");
  expect(() => splitRatios("50/50")).toThrow('Unknown split "50/50"');
});

/** Gives every commit the branches of its descendants, as refs do. */
function containing(planned: readonly Planned[]): Planned[] {
  const branches = new Map(
    planned.map(({ name, branches }) => [name, new Set(branches ?? ["main"])]),
  );
  for (const { name, parents = [] } of [...planned].reverse()) {
    for (const parent of parents) {
      for (const branch of branches.get(name) ?? []) branches.get(parent)?.add(branch);
    }
  }
  return planned.map((commit) => ({ ...commit, branches: [...(branches.get(commit.name) ?? [])] }));
}
