import { StageError } from "@repotune/schema";

export interface GlobOptions {
  /** Whether `*` and `?` stop at a slash, and `**` between slashes stands for any folders. */
  isPath: boolean;
}

/** What git's character classes hold; ASCII only, as in git. */
const CLASSES: Record<string, string> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: "\\t ",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t-\\r ",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** Whether git would take a pattern for more than a plain name (`has_glob_specials`). */
export const hasWildcards = (pattern: string): boolean => /[*?[]/.test(pattern);

/**
 * The source of a regular expression (flags `su`) that matches what a pattern of git's does.
 *
 * Follows `wildmatch.c`: `?`, `*`, `**`, `[a-z]`, `[!a]`, `[[:alpha:]]`, and a backslash before what
 * is meant literally. Works on characters; give it and the names latin1 text of their bytes, so that
 * names in any encoding can be matched, as git does.
 *
 * @throws {StageError} `E_USAGE` for a pattern that git would let match nothing: an open `[`, an
 *   unknown class, a backslash at the end.
 */
export function globSource(pattern: string, { isPath }: GlobOptions): string {
  let source = "";
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at] as string;
    if (char === "[") {
      const bracket = readBracket(pattern, at);
      source += isPath ? `(?!/)${bracket.source}` : bracket.source;
      at = bracket.end;
    } else if (char === "*") {
      const end = at + (/^\*+/.exec(pattern.slice(at))?.[0].length ?? 1);
      const isWhole = (at === 0 || pattern[at - 1] === "/") && /^(?:$|\/)/.test(pattern.slice(end));
      if (!isPath) source += ".*";
      else if (end - at < 2 || !isWhole) source += "[^/]*";
      else source += end < pattern.length ? "(?:.*/)?" : ".*";
      // The slash behind any folders is in their group: there may be none.
      at = source.endsWith("(?:.*/)?") ? end + 1 : end;
    } else if (char === "?") {
      source += isPath ? "[^/]" : ".";
      at += 1;
    } else {
      const isEscape = char === "\\";
      if (isEscape && at + 1 === pattern.length) throw unusable(pattern, "ends with a backslash");
      source += escapeText(isEscape ? (pattern[at + 1] as string) : char);
      at += isEscape ? 2 : 1;
    }
  }
  return source;
}

/** `text` as a regular expression that matches just it. */
export const escapeText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** Reads a bracket expression as wildmatch does: a `]` that comes first is one of its members. */
function readBracket(pattern: string, start: number): { source: string; end: number } {
  let at = start + 1;
  const isNegated = pattern[at] === "!" || pattern[at] === "^";
  if (isNegated) at += 1;
  let members = "";
  for (let isFirst = true; isFirst || pattern[at] !== "]"; isFirst = false) {
    const [named, name] = /^\[:([^\]]*):\]/.exec(pattern.slice(at)) ?? [];
    if (named !== undefined && name !== undefined) {
      const known = CLASSES[name];
      if (known === undefined) throw unusable(pattern, `has the unknown class [:${name}:]`);
      members += known;
      at += named.length;
      continue;
    }
    const low = readMember(pattern, at);
    at = low.end;
    if (pattern[at] === "-" && at + 1 < pattern.length && pattern[at + 1] !== "]") {
      const high = readMember(pattern, at + 1);
      at = high.end;
      // Backwards, a range holds nothing but its start, as in git.
      members += low.char <= high.char ? `${member(low.char)}-${member(high.char)}` : "";
    }
    members += member(low.char);
  }
  return { source: `[${isNegated ? "^" : ""}${members}]`, end: at + 1 };
}

/** One character of a bracket expression. */
function readMember(pattern: string, at: number): { char: string; end: number } {
  const isEscape = pattern[at] === "\\";
  const char = pattern[isEscape ? at + 1 : at];
  if (char === undefined) throw unusable(pattern, "has a [ without its ]");
  return { char, end: at + (isEscape ? 2 : 1) };
}

const member = (char: string) => `\\u{${char.charCodeAt(0).toString(16)}}`;

const unusable = (pattern: string, fault: string) =>
  new StageError("E_USAGE", `The pattern ${JSON.stringify(pattern)} ${fault}.`, {
    hint: "Put a backslash before a character that is meant as it stands: \\[, \\\\.",
  });
