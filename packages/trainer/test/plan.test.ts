import { describe, expect, test } from "vitest";
import { epochOrder, evenlySpaced } from "../src/data/order.ts";
import { Budget } from "../src/plan/budget.ts";
import { measurementsDue } from "../src/plan/measurements.ts";
import { advance, learningRate, type Schedule, startProgress } from "../src/plan/schedule.ts";
import { ThreadTuner } from "../src/plan/thread-tuner.ts";

describe("the order of an epoch", () => {
  test.each([1, 2, 3, 100, 1000, 4097])("of %i sequences has each once", (length) => {
    const order = epochOrder(length, 1, 0);
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(length).keys()]);
  });

  test("differs between seeds and between epochs, and only there", () => {
    expect(epochOrder(100, 1, 0)).toEqual(epochOrder(100, 1, 0));
    expect(epochOrder(100, 2, 0)).not.toEqual(epochOrder(100, 1, 0));
    expect(epochOrder(100, 1, 1)).not.toEqual(epochOrder(100, 1, 0));
  });

  test.each([16, 64, 256])("has one of each stretch of the history among the first %i", (count) => {
    const first = epochOrder(4096, 5, 0).slice(0, count);
    const stretches = new Set([...first].map((index) => Math.floor((index * count) / 4096)));
    expect(stretches.size).toBe(count);
  });
});

test("a sample is evenly spaced, or everything", () => {
  const sample = evenlySpaced(1000, 10, 3);
  expect(sample).toHaveLength(10);
  const steps = sample.slice(1).map((place, i) => place - (sample[i] as number));
  expect(steps).toEqual(Array(9).fill(100));
  expect(evenlySpaced(3, 10, 3)).toEqual([0, 1, 2]);
});

describe("the learning rate", () => {
  const rates = (steps: number, schedule?: Schedule) => {
    const result: number[] = [];
    for (let progress = startProgress(steps); progress.step < steps; progress = advance(progress)) {
      result.push(learningRate(1, progress, schedule));
    }
    return result;
  };

  test("rises in a line for a tenth of the steps, and falls to zero", () => {
    const all = rates(2000);
    const peak = all.indexOf(Math.max(...all));
    expect(peak).toBeGreaterThanOrEqual(198);
    expect(peak).toBeLessThanOrEqual(202);
    expect(all[99]).toBeCloseTo(0.5, 2);
    expect(all.at(-1)).toBeLessThan(1e-5);
  });

  test("falls in a line, or stays, if that is asked for", () => {
    const [linear, constant] = [rates(2000, "linear"), rates(2000, "constant")];
    expect(linear.slice(0, 190)).toEqual(rates(2000).slice(0, 190));
    expect(linear[1099]).toBeCloseTo(0.5, 2);
    expect(linear[1549]).toBeCloseTo(0.25, 2);
    expect(linear.at(-1)).toBeLessThan(1e-3);
    expect(new Set(constant.slice(200))).toEqual(new Set([1]));
  });

  test.each([
    [300, 60], // a fifth, which is less than 100 steps
    [700, 100],
    [5000, 500],
    [50_000, 1000],
  ])("of %i steps rises for %i", (steps, expected) => {
    const all = rates(steps);
    expect(Math.abs(all.indexOf(Math.max(...all)) - expected)).toBeLessThanOrEqual(1);
  });

  test("never rises for more than a fifth of a short training", () => {
    const all = rates(50);
    expect(all.indexOf(Math.max(...all))).toBeLessThanOrEqual(10);
  });
});

test("a plan that proves too long is shortened, and still ends at a learning rate of zero", () => {
  const budget = new Budget({ steps: 100_000, seconds: 103 }, 1);
  budget.recordStep(0.1);
  let progress = budget.start(0);
  expect(progress.planned).toBe(1000);
  let elapsed = 0;
  let rate = 1;
  while (progress.step < progress.planned) {
    rate = learningRate(1, progress);
    elapsed += 0.2; // twice as long as measured
    budget.recordStep(0.2);
    progress = budget.next(progress, elapsed);
  }
  expect(progress.step).toBeGreaterThan(480);
  expect(progress.step).toBeLessThan(520);
  expect(elapsed).toBeLessThan(103);
  expect(rate).toBeLessThan(0.01);
});

describe("measurements are due", () => {
  /** Steps after which one is, of 40 steps with an epoch every 12. */
  const steps = (evaluations: number, everySteps: number, isEachEpoch: boolean) => {
    const plan = { evaluations, everySteps, isEachEpoch };
    const found: number[] = [];
    let moment = 0;
    for (let progress = startProgress(40); progress.step < 40; ) {
      progress = advance(progress);
      const due = measurementsDue(plan, progress, progress.step / 12);
      if (due > moment) found.push(progress.step);
      moment = due;
    }
    return found;
  };

  test("evenly spaced, after each epoch, and at the end", () => {
    expect(steps(4, 0, false)).toEqual([10, 20, 30, 40]);
    expect(steps(4, 0, true)).toEqual([10, 12, 20, 24, 30, 36, 40]);
  });

  test("or every so many steps", () => {
    expect(steps(0, 15, false)).toEqual([15, 30, 40]);
    expect(steps(0, 12, true)).toEqual([12, 24, 36, 40]);
    expect(steps(0, 100, false)).toEqual([40]);
  });
});

test("frequent measurements are part of a step's time", () => {
  const budget = new Budget({ steps: 100_000, seconds: 103 }, 1, 10);
  budget.recordStep(0.1);
  budget.evaluationSeconds = 1;
  expect(budget.start(0).planned).toBe(Math.floor((103 - 3 - 1) / 0.2));
});

describe("the number of threads", () => {
  /** Steps with `cost` seconds for each number of threads; what was used for each. */
  function simulate(most: number, steps: number, cost: (threads: number, now: number) => number) {
    const tuner = new ThreadTuner(most);
    const used: number[] = [];
    for (let step = 0, now = 0; step < steps; step++) {
      const threads = tuner.next(now);
      used.push(threads);
      const seconds = cost(threads, now);
      now += seconds;
      tuner.record(seconds, now);
    }
    return used;
  }

  test("stays at one a core where the cores are free", () => {
    const used = simulate(8, 1000, (threads) => 1 / threads);
    expect(used.at(-1)).toBe(8);
    expect(used.filter((threads) => threads < 8).length).toBeLessThan(10);
  });

  test("comes down where others use them, and up again when they are free", () => {
    const isBusy = (now: number) => now < 2000;
    const used = simulate(8, 6000, (threads, now) =>
      isBusy(now) ? (threads > 2 ? threads : 1 / threads) : 1 / threads,
    );
    expect(used.slice(500, 600).every((threads) => threads === 2)).toBe(true);
    expect(used.at(-1)).toBe(8);
  });

  test("is never tried out where there is one", () => {
    expect(new Set(simulate(1, 100, () => 1))).toEqual(new Set([1]));
  });
});
