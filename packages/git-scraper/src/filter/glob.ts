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

/** A piece of a pattern: what stands for itself, or for any text, or for any folders. */
type Piece = { kind: "text"; source: string } | { kind: "star" | "folders" };

/**
 * The source of a regular expression that matches what a pattern of git's does.
 *
 * Follows `wildmatch.c`: `?`, `*`, `**`, `[a-z]`, `[!a]`, `[[:alpha:]]`, and a backslash before what
 * is meant literally. Two stars are special only as a whole part of a path, as gitignore(5) says;
 * git itself goes further where plain text stands before them.
 *
 * Like git it works on bytes: the pattern counts as UTF-8, and what it is to match must be given as
 * latin1 text of its bytes, which may be of any encoding.
 *
 * Names are untrusted, and a plain `.*a.*a.*a` takes cubic time over them. The first place where the
 * text between two stars fits is as good as any later one, so each is settled once, as by an atomic
 * group, which here has to be written as a look-ahead and a reference to it. For {@link anyOf}: the
 * references ask for an expression of its own.
 *
 * @throws {StageError} `E_USAGE` for a pattern that git would let match nothing: an open `[`, an
 *   unknown class, a backslash at the end.
 */
export function globSource(pattern: string, { isPath }: GlobOptions): string {
  const star = isPath ? "[^/]*" : ".*";
  let groups = 0;
  const once = (source: () => string) => {
    groups += 1;
    const group = groups;
    return `(?=(${source()}))(?:\\${group})`;
  };
  const textOf = (pieces: readonly Piece[]) =>
    pieces.map((piece) => (piece.kind === "text" ? piece.source : "")).join("");
  const inFolder = (pieces: readonly Piece[]): string => {
    const [first = [], ...others] = splitAt("star", pieces);
    const last = others.pop();
    const between = others.map((text) => once(() => `${star}?${textOf(text)}`));
    return textOf(first) + between.join("") + (last ? `${star}${textOf(last)}` : "");
  };
  const [first = [], ...others] = splitAt(
    "folders",
    readPieces(Buffer.from(pattern).toString("latin1"), isPath),
  );
  const last = others.pop();
  const start = inFolder(first);
  const between = others.map((pieces) => once(() => `(?:[^/]*/)*?${inFolder(pieces)}`));
  return start + between.join("") + (last ? `(?:[^/]*/)*?${inFolder(last)}` : "");
}

/**
 * Whether a text matches one of several sources of {@link globSource}, as a whole.
 *
 * @returns undefined if there are none.
 */
export function anyOf(sources: readonly string[]): ((text: string) => boolean) | undefined {
  if (sources.length === 0) return undefined;
  const expressions = sources.map((source) => new RegExp(`^(?:${source})$`, "su"));
  return (text) => expressions.some((expression) => expression.test(text));
}

/** The pieces before, between and behind those of a kind. */
function splitAt(kind: Piece["kind"], pieces: readonly Piece[]): Piece[][] {
  const parts: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind === kind) parts.push([]);
    else parts.at(-1)?.push(piece);
  }
  return parts;
}

function readPieces(pattern: string, isPath: boolean): Piece[] {
  const pieces: Piece[] = [];
  const text = (source: string) => pieces.push({ kind: "text", source });
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at] as string;
    if (char === "[") {
      const bracket = readBracket(pattern, at);
      text(isPath ? `(?!/)${bracket.source}` : bracket.source);
      at = bracket.end;
    } else if (char === "*") {
      const end = at + (/^\*+/.exec(pattern.slice(at))?.[0].length ?? 1);
      const isStart = at === 0 || pattern[at - 1] === "/";
      const areFolders = isPath && end - at > 1 && isStart;
      if (areFolders && end === pattern.length) text(".*");
      else pieces.push({ kind: areFolders && pattern[end] === "/" ? "folders" : "star" });
      // The slash behind folders is theirs: there may be none of them.
      at = pieces.at(-1)?.kind === "folders" ? end + 1 : end;
    } else if (char === "?") {
      text(isPath ? "[^/]" : ".");
      at += 1;
    } else {
      const isEscape = char === "\\";
      if (isEscape && at + 1 === pattern.length) throw unusable(pattern, "ends with a backslash");
      text(escapeText(isEscape ? (pattern[at + 1] as string) : char));
      at += isEscape ? 2 : 1;
    }
  }
  return pieces;
}

/** Text as a regular expression that matches just it. */
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
  new StageError("E_USAGE", `The pattern "${Buffer.from(pattern, "latin1")}" ${fault}.`, {
    hint: "Put a backslash before a character that is meant as it stands: \\[, \\\\.",
  });
