import type { FilePatch, Row } from "../diff/patch.ts";

/** Some rows of a patch as text, with what they add and remove. */
export interface PatchText {
  text: string;
  additions: number;
  deletions: number;
}

/**
 * Writes rows of a patch as hunks of their own, with headers that count what is there.
 *
 * @param indexes of the rows, ascending.
 */
export function patchText({ rows }: FilePatch, indexes: number[]): PatchText {
  const result: PatchText = { text: "", additions: 0, deletions: 0 };
  let run: Row[] = [];
  let last = -2;
  const close = () => {
    if (run.some((row) => row.sign !== " ")) result.text += hunkText(run);
    run = [];
  };
  for (const index of indexes) {
    const row = rows[index];
    if (!row) continue;
    if (index !== last + 1 || row.hunk !== run.at(-1)?.hunk) close();
    run.push(row);
    last = index;
    if (row.sign === "+") result.additions += 1;
    if (row.sign === "-") result.deletions += 1;
  }
  close();
  return result;
}

function hunkText(rows: Row[]): string {
  const [first] = rows;
  const oldCount = rows.filter((row) => row.sign !== "+").length;
  const newCount = rows.filter((row) => row.sign !== "-").length;
  const range = (start: number, count: number) =>
    // As git does: a side without lines is numbered by the line before it.
    `${count === 0 ? start - 1 : start}${count === 1 ? "" : `,${count}`}`;
  let text = `@@ -${range(first?.old ?? 0, oldCount)} +${range(first?.new ?? 0, newCount)} @@\n`;
  for (const row of rows) {
    text += `${row.sign}${row.text}\n`;
    if (row.isUnterminated) text += "\\ No newline at end of file\n";
  }
  return text;
}
