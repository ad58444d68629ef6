import { nearNames, StageError } from "@repotune/schema";
import { REF_SCOPES, type RefSelection, SCOPES_HINT } from "./ref-selection.ts";

/** Names that a hint lists at most. */
const LISTED = 5;

/**
 * The error for a selection that takes none of a repository's refs.
 *
 * @param names full names of the refs that lead to commits.
 * @param currentBranch the branch that HEAD names, which need not exist.
 */
export function nothingSelected(
  { text, scopes, patterns }: RefSelection,
  names: readonly string[],
  currentBranch: string | undefined,
): StageError {
  const short = [
    ...new Set(names.map((name) => name.replace(/^refs\/(?:heads|remotes|tags)\//, ""))),
  ];
  if (scopes.length > 0 && patterns.length === 0) {
    const reason =
      currentBranch === undefined ? "HEAD names no commit" : `${currentBranch} has none`;
    return new StageError("E_NOT_FOUND", `--refs "${text}" leads to no commit: ${reason}.`, {
      hint: `Give --refs all, or one of: ${short.slice(0, LISTED).join(", ")}.`,
    });
  }
  const near = patterns.flatMap((pattern) =>
    nearNames(pattern.replace(/[*?[\]\\]/g, ""), [...REF_SCOPES, ...short]),
  );
  return new StageError("E_NOT_FOUND", `No ref that leads to a commit matches --refs "${text}".`, {
    hint: near.length > 0 ? `Near are: ${[...new Set(near)].join(", ")}.` : SCOPES_HINT,
  });
}
