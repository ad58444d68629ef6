import { DETACHED_HEADS } from "@repotune/git";
import { StageError } from "@repotune/schema";
import { anyOf, globSource, hasWildcards } from "../filter/glob.ts";
import { listItems } from "../filter/list.ts";

/** Which refs a history starts from, by a word. The widest comes first. */
export const REF_SCOPES = ["all", "branches", "heads", "head", "mainline"] as const;
export type RefScope = (typeof REF_SCOPES)[number];

/** Which refs a history starts from, and how it is followed. */
export interface RefSelection {
  /** The selection in its normal form; equal selections have equal text. */
  readonly text: string;
  readonly scopes: readonly RefScope[];
  readonly patterns: readonly string[];
  /** Patterns of refs that are not taken, without their `!`. */
  readonly excluded: readonly string[];
  /** Whether only first parents are followed, as the scope `mainline` asks for. */
  readonly firstParent: boolean;
}

/**
 * Reads a selection of refs: a comma-separated list of scopes and patterns.
 *
 * - `all` takes every ref, `branches` local and remote branches and tags, `heads` local branches,
 *   each with HEAD; `head` is HEAD alone.
 * - `mainline` is HEAD too, and makes the whole history follow first parents only.
 * - A pattern takes what git's `--branches`, `--remotes` and `--tags` take by it together, one that
 *   begins with `refs/` what `--glob` takes; `*` stands for slashes too. Without `*`, `?` or `[` it
 *   names one ref, or the refs below it.
 * - `!` or `^` before a pattern leaves its refs out, in whatever order; alone, out of `all`.
 *
 * @throws {StageError} `E_USAGE`.
 */
export function parseRefSelection(text: string): RefSelection {
  const scopes = new Set<RefScope>();
  const patterns = new Set<string>();
  const excluded = new Set<string>();
  for (const item of listItems(text)) {
    const isExcluded = /^[!^]/.test(item);
    const name = isExcluded ? item.slice(1).trim() : item;
    const scope = scopeOf(name);
    if (isExcluded && (scope || name === "")) throw notExcludable(item);
    if (scope) scopes.add(scope);
    else (isExcluded ? excluded : patterns).add(readPattern(name));
  }
  if (scopes.size + patterns.size + excluded.size === 0) {
    throw new StageError("E_USAGE", `--refs "${text}" names no refs.`, { hint: SCOPES_HINT });
  }
  if (scopes.size + patterns.size === 0) scopes.add("all");
  return normalSelection(scopes, patterns, excluded);
}

/** What a wider scope takes goes without saying. */
function normalSelection(
  scopes: ReadonlySet<RefScope>,
  patterns: ReadonlySet<string>,
  excluded: ReadonlySet<string>,
): RefSelection {
  const firstParent = scopes.has("mainline");
  const widest = REF_SCOPES.find((scope) => scopes.has(scope));
  const kept = REF_SCOPES.filter(
    (scope) => scope === widest || (scope === "mainline" && firstParent),
  );
  const parts = {
    scopes: kept.includes("head") && firstParent ? (["mainline"] as const) : kept,
    patterns: widest === "all" ? [] : [...patterns].sort(),
    excluded: [...excluded].sort(),
  };
  const items = [...parts.scopes, ...parts.patterns, ...parts.excluded.map((name) => `!${name}`)];
  return { ...parts, firstParent, text: items.join(",") };
}

/** A test for the full names of refs, given as latin1 text of their bytes, by a selection's patterns. */
export function refNameTest(patterns: readonly string[]): (name: string) => boolean {
  const isMatch = anyOf(patterns.map(patternSource));
  // The names of detached HEADs are ours; nobody can have meant them.
  return (name) => !name.startsWith(DETACHED_HEADS) && (isMatch?.(name) ?? false);
}

function patternSource(pattern: string): string {
  const source = globSource(pattern, { isPath: false });
  const below = hasWildcards(pattern) ? source : `${source}(?:/.*)?`;
  return pattern.startsWith("refs/") ? below : `refs/(?:heads|remotes|tags)/${below}`;
}

/** HEAD is also known by its own name. */
const scopeOf = (name: string): RefScope | undefined =>
  name === "HEAD" ? "head" : REF_SCOPES.find((scope) => scope === name);

/** A pattern without a slash at its end, which would say nothing; refused if it cannot be used. */
function readPattern(text: string): string {
  const pattern = text.replace(/(?<=[^/\\])\/+$/, "");
  patternSource(pattern);
  return pattern;
}

/** What to do about a selection that is wrong. */
export const SCOPES_HINT = `Give a scope (${REF_SCOPES.join(", ")}) or a pattern such as main, release/* or refs/pull/*.`;

const notExcludable = (item: string) =>
  new StageError("E_USAGE", `--refs "${item}" leaves out no refs: it needs a pattern.`, {
    hint: "For example --refs 'all,!refs/pull/*', or --refs '!dependabot/*'.",
  });
