import type { Commit, Diff } from "@repotune/schema";
import { type FilePatch, parsePatch, wholeText } from "./diff/patch.ts";
import { languageOfFile } from "./files/file-language.ts";
import { roleOfFile } from "./files/file-role.ts";
import type { LinguistAttributes } from "./files/linguist-attributes.ts";
import { type SkipOptions, type SkipReason, skipReason, skipReasonOfText } from "./files/skip.ts";
import { languageOf } from "./languages/registry.ts";
import { FileChange, type FileSide } from "./match/file-change.ts";
import type { ModuleIndex } from "./modules/module-index.ts";
import type { NoSide, SideLoader } from "./source/side-loader.ts";

/** A file's change ready for matching, or why it is left out. */
export type LoadedChange =
  | { skipped: SkipReason }
  /** `degraded` says why a file of a known language is cut by hunk. */
  | { change: FileChange; degraded: NoSide | "blob_mismatch" | "change_of_type" | undefined };

/** What is known of the commit, and how files are read. */
export interface LoadContext {
  sides: SideLoader;
  modules: ModuleIndex;
  attributes: LinguistAttributes;
  skip: SkipOptions;
}

/** Lines in which a generator may have left its mark. */
const HEAD_LINES = 40;

/** Reads one file's change: its patch, its language and, for known languages, both its sides. */
export async function loadFileChange(
  commit: Commit,
  diff: Diff,
  { sides, modules: index, attributes, skip }: LoadContext,
): Promise<LoadedChange> {
  const marks = attributes.marksOf(diff.filename);
  const reason = skipReason(diff, marks, skip);
  if (reason) return { skipped: reason };
  const patch = parsePatch(diff.patch);
  if (!patch) return { skipped: "malformed_patch" };

  const language = languageOfFile(diff.filename);
  // Before anything is parsed: a minified file would only be degraded.
  const early = skipReasonOfText(diff, patch, headOf(patch), marks, skip);
  if (early) return { skipped: early };
  const loaded = languageOf(language) ? await loadSides(diff, patch, language, sides) : undefined;
  const cut = typeof loaded === "object" ? loaded : { old: null, new: null };
  const head = (cut.new ?? cut.old)?.source.lines(1, HEAD_LINES);
  const late = skipReasonOfText(diff, patch, head, marks, skip);
  if (late) return { skipped: late };

  const role = roleOfFile(diff.filename, language);
  const modules = await index.modulesOf(commit, diff, language);
  const change = new FileChange({ diff, patch, language, role, modules, ...cut });
  return { change, degraded: typeof loaded === "string" ? loaded : undefined };
}

/**
 * Has the blobs of files read that {@link loadFileChange} will ask for.
 *
 * @param diffs not more than may lie in memory together.
 */
export function expectFiles(
  diffs: Diff[],
  { sides, attributes, skip }: Omit<LoadContext, "modules">,
) {
  sides.expect(
    diffs.flatMap((diff) => {
      const language = languageOfFile(diff.filename);
      const isRead = /[MRC]/.test(diff.change_type) && languageOf(language);
      if (!isRead || skipReason(diff, attributes.marksOf(diff.filename), skip)) return [];
      return [diff.old_blob, diff.new_blob].map((blobId) => ({ blobId, language }));
    }),
  );
}

async function loadSides(diff: Diff, patch: FilePatch, language: string, sides: SideLoader) {
  if (diff.change_type === "T") return "change_of_type";
  const isAdded = diff.change_type === "A";
  const isRemoved = diff.change_type === "D";
  const before = isAdded
    ? null
    : await sides.load(diff.old_blob, language, isRemoved ? wholeText(patch, "-") : undefined);
  if (typeof before === "string") return before;
  const after = isRemoved
    ? null
    : await sides.load(
        diff.new_blob,
        language,
        isAdded ? wholeText(patch, "+") : undefined,
        before ? { side: before, patch } : undefined,
      );
  if (typeof after === "string") return after;
  return isConsistent(patch, before, after) ? { old: before, new: after } : "blob_mismatch";
}

/** Whether the patch is one between these two texts. */
function isConsistent(patch: FilePatch, old: FileSide | null, fresh: FileSide | null): boolean {
  return patch.rows.every(
    (row) =>
      (row.sign === "+" || !old || old.source.line(row.old) === row.text) &&
      (row.sign === "-" || !fresh || fresh.source.line(row.new) === row.text),
  );
}

/** The file's first lines, if the patch shows them. */
function headOf({ hunks, rows }: FilePatch): string | undefined {
  const [first] = hunks;
  if (!first || (first.newStart !== 1 && first.oldStart !== 1)) return undefined;
  return rows
    .slice(first.start, Math.min(first.end, first.start + HEAD_LINES))
    .filter((row) => (first.newCount > 0 ? row.sign !== "-" : true))
    .map((row) => row.text)
    .join("\n");
}
