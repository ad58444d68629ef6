/** Lines shown around a change. */
const CONTEXT = 3;
/** How far to look for a line that both texts have. */
const REACH = 40;

interface Row {
  sign: " " | "+" | "-";
  text: string;
  old: number;
  new: number;
}

/**
 * A patch that turns one text into the other, in git's format, without its header.
 *
 * Not the shortest one: a chunker has to take any that is right, and many are made without git.
 */
export function plainDiff(before: string, after: string): string {
  const rows = align(linesOf(before), linesOf(after));
  const changes = rows.flatMap((row, index) => (row.sign === " " ? [] : [index]));
  let text = "";
  for (let at = 0; at < changes.length; ) {
    let end = at;
    const next = () => (changes[end + 1] ?? Number.POSITIVE_INFINITY) - (changes[end] ?? 0);
    while (next() <= 2 * CONTEXT) end += 1;
    const first = Math.max(0, (changes[at] ?? 0) - CONTEXT);
    text += hunk(rows.slice(first, (changes[end] ?? 0) + CONTEXT + 1));
    at = end + 1;
  }
  return text;
}

const linesOf = (text: string): string[] => {
  const lines = text.split(/(?<=\n)/);
  return text === "" ? [] : lines;
};

/** Takes equal lines for the same; where they differ, goes to the nearest pair that is equal. */
function align(before: string[], after: string[]): Row[] {
  const rows: Row[] = [];
  let old = 0;
  let fresh = 0;
  const push = (sign: Row["sign"], text = "") => {
    rows.push({ sign, text, old: old + 1, new: fresh + 1 });
    if (sign !== "+") old += 1;
    if (sign !== "-") fresh += 1;
  };
  while (old < before.length || fresh < after.length) {
    if (old < before.length && before[old] === after[fresh]) {
      push(" ", before[old]);
      continue;
    }
    const [oldEnd, newEnd] = nextPair(before, after, old, fresh);
    while (old < oldEnd) push("-", before[old]);
    while (fresh < newEnd) push("+", after[fresh]);
  }
  return rows;
}

function nextPair(before: string[], after: string[], old: number, fresh: number): [number, number] {
  for (let sum = 1; sum < REACH; sum += 1) {
    for (let skipped = 0; skipped <= sum; skipped += 1) {
      const [i, j] = [old + skipped, fresh + sum - skipped];
      if (i < before.length && j < after.length && before[i] === after[j]) return [i, j];
    }
  }
  return [Math.min(before.length, old + REACH), Math.min(after.length, fresh + REACH)];
}

function hunk(rows: Row[]): string {
  const [first] = rows;
  const range = (side: "old" | "new", sign: Row["sign"]) => {
    const count = rows.filter((row) => row.sign !== sign).length;
    return `${(first?.[side] ?? 1) - (count === 0 ? 1 : 0)},${count}`;
  };
  let text = `@@ -${range("old", "+")} +${range("new", "-")} @@\n`;
  for (const { sign, text: line } of rows) {
    text += sign + line;
    if (!line.endsWith("\n")) text += "\n\\ No newline at end of file\n";
  }
  return text;
}
