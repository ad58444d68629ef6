import { type Dataset, type LeakAudit, type PreviewView, visible } from "@repotune/schema";
import { count, percent } from "./number-text.ts";

/** Commits named for each kind of leak. */
const MAX_NAMED = 3;

/** What the leak audit found, what the split kept out, and how much the sides have in common. */
export function* describeLeaks(
  { leak_audit }: Dataset,
  { colors }: PreviewView,
): Generator<string> {
  if (leak_audit === undefined) {
    yield `${colors.bold("leak audit")}  ${colors.yellow("none: the dataset was built before there was one")}\n\n`;
    return;
  }
  const { found, kept_out, line_overlap, repetition } = leak_audit;
  const verdict = leak_audit.is_clean ? colors.green("✓ clean") : colors.red("✗ leaks");
  yield `${colors.bold("leak audit")}  ${verdict}\n`;
  yield* line("on the wrong side", found.misplaced_commits, misplacedName);
  yield* line("copied across a cut", found.copied_commits, copyName);
  if (found.straddling_windows.count > 0) {
    yield `  ${colors.red(`${count(found.straddling_windows.count)} windows reach over a cut`)}\n`;
  }
  if (found.repeated_documents > 0) {
    yield `  ${colors.red(`${count(found.repeated_documents)} documents repeat one of an earlier side`)}\n`;
  }
  yield colors.dim("  kept out:\n");
  yield* line("unmerged commits on refs that carry on past the cut", kept_out.future_commits, name);
  yield* line("commits written before the cut and merged after it", kept_out.merged_later, name);
  yield* line("held-out commits that copy an earlier side's", kept_out.copied_commits, copyName);
  if (kept_out.windows_across_cuts > 0) {
    yield `  ${count(kept_out.windows_across_cuts).padStart(7)} windows across a cut\n`;
  }
  for (const side of ["validation", "test"] as const) {
    const { added_lines, copied_lines, mostly_copied_commits, commits } = line_overlap[side];
    yield `  ${side}: ${percent(copied_lines, added_lines)} of ${count(added_lines)} added lines stand in train; so do nearly all of ${count(mostly_copied_commits)} of ${count(commits)} commits\n`;
  }
  for (const [side, of] of Object.entries(repetition)) {
    const across = of.in_copied_commits + of.exact_of_earlier_side + of.near_of_earlier_side;
    const between =
      side === "train" ? "" : `; ${percent(across, of.documents)} those of earlier sides`;
    yield `  ${side}: ${percent(of.exact, of.documents)} of ${count(of.documents)} documents repeat earlier ones, ${percent(of.near, of.documents)} nearly${between}\n`;
  }
  yield "\n";
}

/** Documents and windows left out, by reason, and dates that were repaired. */
export function* describeDropped(
  { dropped, repaired_dates }: Dataset,
  { colors }: PreviewView,
): Generator<string> {
  yield `${colors.bold("left out")}\n`;
  const reasons = Object.entries(dropped).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) yield "  nothing\n";
  for (const [reason, documents] of reasons) {
    yield `  ${count(documents).padStart(7)} ${reason.replaceAll("_", " ")}\n`;
  }
  if (repaired_dates && repaired_dates.count > 0) {
    const faults = Object.entries(repaired_dates.by_fault).map(
      ([fault, commits]) => `${count(commits)} ${fault.replaceAll("_", " ")}`,
    );
    yield `${colors.bold("repaired dates")}  ${faults.join(", ")}\n`;
  }
}

function* line<Example>(
  what: string,
  { count: found, examples }: { count: number; examples: readonly Example[] },
  nameOf: (example: Example) => string,
): Generator<string> {
  if (found === 0) return;
  yield `  ${count(found).padStart(7)} ${what}\n`;
  for (const example of examples.slice(0, MAX_NAMED))
    yield `          ${visible(nameOf(example))}\n`;
  if (found > MAX_NAMED) yield `          and ${count(found - MAX_NAMED)} more\n`;
}

interface Named {
  commit: string;
  refs: readonly string[];
}

const name = ({ commit, refs }: Named): string =>
  `${commit.slice(0, 12)} on ${refs.length === 0 ? "no branch" : refs.join(", ")}`;

type Misplaced = LeakAudit["found"]["misplaced_commits"]["examples"][number];

const misplacedName = (commit: Misplaced): string =>
  `${name(commit)}: in ${commit.side}, belongs ${commit.belongs_to === null ? "nowhere" : `in ${commit.belongs_to}`}`;

type Copy = LeakAudit["found"]["copied_commits"]["examples"][number];

const copyName = ({ commit, side, copy_of, copy_of_side, similarity, by }: Copy): string =>
  `${commit.slice(0, 12)} (${side}) of ${copy_of.slice(0, 12)} (${copy_of_side}), ${by === "patch_id" ? "the same patch" : `${Math.round(100 * similarity)} % of its lines`}`;
