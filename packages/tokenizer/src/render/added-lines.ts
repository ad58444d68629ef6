/** Lines compared at most on each side once the common beginning and end are put aside. */
const MAX_COMPARED_LINES = 2_000;

/**
 * Which lines of `newCode` are not in `oldCode`, by the longest common subsequence of lines.
 *
 * @returns the lines of `newCode` with their line feeds, each with whether it was added.
 */
export function addedLines(oldCode: string, newCode: string): { line: string; isAdded: boolean }[] {
  const before = linesOf(oldCode);
  const after = linesOf(newCode);
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--;
    afterEnd--;
  }
  const isCopied = commonLines(before.slice(start, beforeEnd), after.slice(start, afterEnd));
  return after.map((line, i) => ({
    line,
    isAdded: i >= start && i < afterEnd && isCopied[i - start] !== true,
  }));
}

const linesOf = (code: string): string[] => code.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** For each line of `after`, whether it belongs to a longest common subsequence. */
function commonLines(before: string[], after: string[]): boolean[] {
  const isCommon = new Array<boolean>(after.length).fill(false);
  const rows = Math.min(before.length, MAX_COMPARED_LINES);
  const columns = Math.min(after.length, MAX_COMPARED_LINES);
  const width = columns + 1;
  /** Length of the longest common subsequence of `before[i…]` and `after[j…]`. */
  const lengths = new Uint16Array((rows + 1) * width);
  const lengthAt = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? lengthAt(i + 1, j + 1) + 1
          : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (before[i] === after[j]) {
      isCommon[j] = true;
      i++;
      j++;
    } else if (lengthAt(i + 1, j) >= lengthAt(i, j + 1)) i++;
    else j++;
  }
  return isCommon;
}
