/** A line of a patch: its sign and its text with a line feed, or the heading of a hunk. */
export interface PatchRow {
  sign: " " | "-" | "+" | "@";
  text: string;
}

/**
 * The lines of a unit's patch. What is neither a line of a file nor a hunk's heading, such as the
 * remark that the last line has no line feed, is left out.
 */
export function patchRows(patch: string): PatchRow[] {
  const rows: PatchRow[] = [];
  for (const line of patch.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const sign = line[0];
    if (sign !== " " && sign !== "-" && sign !== "+" && sign !== "@") continue;
    const text = line.slice(1);
    rows.push({ sign, text: text.endsWith("\n") ? text : `${text}\n` });
  }
  return rows;
}
