/** What the doctor found out about one thing. */
export interface Check {
  /** What was looked at, e.g. `git`. */
  name: string;
  /** `advice` is something that could be better and keeps nobody from training. */
  state: "ok" | "failed" | "advice";
  /** What was found, and what to do about it. */
  text: string;
}

const MARKS = { ok: "✓", failed: "✗", advice: "!" };
const NAME_WIDTH = 10;

/** A check as a line for a person; further lines of its text are indented. */
export const checkLine = ({ name, state, text }: Check): string =>
  `${MARKS[state]} ${name.padEnd(NAME_WIDTH)} ${text.replaceAll("\n", `\n${" ".repeat(NAME_WIDTH + 3)}`)}`;
