import { Column } from "./column.ts";

/** Positions of `keys`, gathered by key and in order within each; those of key -1 are left out. */
export function groupByKey(
  keys: ArrayLike<number>,
  groups: number,
): { starts: Uint32Array; positions: Uint32Array } {
  const starts = new Uint32Array(groups + 1);
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] as number;
    if (key >= 0) starts[key + 1] = (starts[key + 1] as number) + 1;
  }
  for (let key = 0; key < groups; key += 1) {
    starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  }
  const positions = new Uint32Array(starts[groups] as number);
  const next = starts.slice();
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] as number;
    if (key < 0) continue;
    const place = next[key] as number;
    positions[place] = at;
    next[key] = place + 1;
  }
  return { starts, positions };
}

/** Groups with their members, each once: commits with files, or files with authors. */
export class Incidence {
  readonly #members = new Column((length) => new Int32Array(length));
  readonly #groups = new Column((length) => new Int32Array(length));
  readonly #amounts = new Column((length) => new Float64Array(length));
  readonly #ends: number[] = [];

  /** Adds a member to the group that comes next. */
  add(member: number, amount = 0): void {
    this.#members.push(member);
    this.#groups.push(this.#ends.length);
    this.#amounts.push(amount);
  }

  endGroup(): void {
    this.#ends.push(this.#members.length);
  }

  /**
   * Visits every pair of members that have a group in common, each once, the smaller member first.
   *
   * It goes by member and keeps counts for one at a time: memory grows with the members, not with
   * the pairs, of which there may be very many.
   *
   * @param visit is told how many groups have both, and the sum over these of the lesser amount.
   */
  forEachPair(
    memberCount: number,
    visit: (a: number, b: number, groups: number, amount: number) => void,
  ): void {
    const [members, groups, amounts] = [
      this.#members.view(),
      this.#groups.view(),
      this.#amounts.view(),
    ];
    const { starts, positions } = groupByKey(members, memberCount);
    const counts = new Uint32Array(memberCount);
    const sums = new Float64Array(memberCount);
    for (let a = 0; a < memberCount; a += 1) {
      const others: number[] = [];
      for (let place = starts[a] as number; place < (starts[a + 1] as number); place += 1) {
        const position = positions[place] as number;
        const group = groups[position] as number;
        const amount = amounts[position] as number;
        const end = this.#ends[group] as number;
        for (let at = group === 0 ? 0 : (this.#ends[group - 1] as number); at < end; at += 1) {
          const b = members[at] as number;
          if (b <= a) continue;
          if (counts[b] === 0) others.push(b);
          counts[b] = (counts[b] as number) + 1;
          sums[b] = (sums[b] as number) + Math.min(amount, amounts[at] as number);
        }
      }
      for (const b of others) {
        visit(a, b, counts[b] as number, sums[b] as number);
        counts[b] = 0;
        sums[b] = 0;
      }
    }
  }
}
