/** Differences of which the first few of each field are shown. */
const SHOWN = 5;

/** Counts, by field, how many values were compared and how many differ. */
export class Tally {
  #fields = new Map();

  /** Compares what was found with what git says; both must survive JSON. */
  compare(field, where, found, expected) {
    const counts = this.#counts(field);
    counts.compared += 1;
    if (found === expected) return;
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) this.#differ(counts, `${where}\n  found ${cut(a)}\n  git   ${cut(b)}`);
  }

  /** Compares exact bytes. */
  compareBytes(field, where, found, expected) {
    const counts = this.#counts(field);
    counts.compared += 1;
    if (found.equals(expected)) return;
    const at = found.findIndex((byte, index) => byte !== expected[index]);
    const from = Math.max(0, (at < 0 ? found.length : at) - 40);
    const show = (bytes) => JSON.stringify(bytes.toString("latin1", from, from + 200));
    this.#differ(
      counts,
      `${where} at byte ${at}\n  found ${show(found)}\n  git   ${show(expected)}`,
    );
  }

  /** Counts something that cannot be compared, and why. */
  skip(field, reason) {
    const { skipped } = this.#counts(field);
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  }

  get differences() {
    return [...this.#fields.values()].reduce((sum, { differences }) => sum + differences, 0);
  }

  /** One row a field, then the first differences of each. */
  report() {
    const rows = [["field", "compared", "differences", "not comparable"]];
    let examples = "";
    for (const [field, counts] of this.#fields) {
      const skipped = [...counts.skipped].map(([reason, count]) => `${count} ${reason}`).join("; ");
      rows.push([field, `${counts.compared}`, `${counts.differences}`, skipped]);
      for (const example of counts.examples) examples += `\n${field}: ${example}\n`;
    }
    const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
    const table = rows.map(([field, compared, differences, skipped]) =>
      [
        field.padEnd(widths[0]),
        compared.padStart(widths[1]),
        differences.padStart(widths[2]),
        skipped,
      ]
        .join("  ")
        .trimEnd(),
    );
    return `${table.join("\n")}\n${examples}`;
  }

  #counts(field) {
    let counts = this.#fields.get(field);
    if (!counts) {
      counts = { compared: 0, differences: 0, examples: [], skipped: new Map() };
      this.#fields.set(field, counts);
    }
    return counts;
  }

  #differ(counts, example) {
    counts.differences += 1;
    if (counts.examples.length < SHOWN) counts.examples.push(example);
  }
}

const cut = (text) => (text === undefined || text.length <= 300 ? text : `${text.slice(0, 300)}…`);
