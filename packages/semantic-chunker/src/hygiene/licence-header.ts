/** Lines of a header at most; the longest licences that are put into files have 40. */
const MAX_LINES = 100;

/** What may stand before a header: `#!`, editors' and compilers' marks, an XML declaration. */
const PROLOGUE = /^(?:\uFEFF?#!|# -\*-|# vim?:|#compdef|#autoload|<\?(?:xml|php))|^\s*$/;
const MAX_PROLOGUE = 4;

/** Line comments that are not documentation, attributes, directives, or rules of YAML. */
const LINE_COMMENT = /^\s{0,8}(?:\/\/(?![/!]|go:|\s?\+build)|#(?![[!\w])|--(?!-)|;|%(?!YAML))/;
const BLOCKS: readonly [open: string, close: string][] = [
  ["/*", "*/"],
  ["<!--", "-->"],
];

/** How notices and licences begin, by their usual first lines. */
const FIRST_LINE =
  /^(?:@?licen[sc]e\b|@preserve|spdx-|.{0,80}?(?:\bcopyright\b|\(c\) ?\d{4}|\u00a9)|licensed (?:under|to)|this (?:file|source|program|library|software|code)\b.{0,40}\b(?:licen[sc]ed?|part of|free software|subject to|released)\b|use of this source code|permission is hereby granted|redistribution and use|the mit licen|apache licen|mozilla public|gnu (?:lesser |affero )?general public|all rights reserved)/i;

/** The comment at the beginning of a file. */
export interface FileHeader {
  /** First line in the code, from 0: more than 0 behind a `#!`. */
  first: number;
  /** How many lines it has, with the blank ones that follow. */
  count: number;
  /** Its words, without comment signs, layout and numbers, so that the year does not matter. */
  words: string;
  /** Whether it begins as notices of copyright and licences do. */
  isLicence: boolean;
}

/**
 * Finds the comment at the beginning of a file's code.
 *
 * @param code begins where the file does.
 */
export function headerOf(code: string, language: string): FileHeader | undefined {
  const lines = code.split("\n", MAX_LINES + MAX_PROLOGUE + 1);
  let first = 0;
  while (first < MAX_PROLOGUE && PROLOGUE.test(lines[first] ?? "x")) first += 1;
  let end = endOfComment(lines, first, language);
  if (end === undefined || end === first || end - first > MAX_LINES) return undefined;
  const words = lines.slice(first, end).map(wordsOf).filter(Boolean);
  while (end < lines.length && lines[end]?.trim() === "") end += 1;
  const isLicence = FIRST_LINE.test(words[0] ?? "");
  return { first, count: end - first, words: words.join("\n").replace(/\d+/g, "0"), isLicence };
}

/** Line after the comment that begins at `first`; undefined if it goes on for too long. */
function endOfComment(lines: string[], first: number, language: string): number | undefined {
  const start = (lines[first] ?? "").trimStart();
  const block = BLOCKS.find(([open]) => start.startsWith(open));
  if (block) {
    const close = block[1];
    const last = lines.findIndex((line, at) => at >= first && line.includes(close));
    // Code behind the comment would go with it.
    return last >= 0 && lines[last]?.trimEnd().endsWith(close) ? last + 1 : undefined;
  }
  let end = first;
  // In Markdown, these are headings and rules.
  if (language === "markdown") return end;
  while (end < lines.length && LINE_COMMENT.test(lines[end] ?? "")) end += 1;
  return end;
}

/** The words of a line of a comment, in lower case. */
const wordsOf = (line: string): string =>
  line
    .slice(0, 400)
    .toLowerCase()
    .replace(/^[\s/*#;%!<-]+/, "")
    .split(/[\s*/>-]+$/, 1)
    .join("")
    .replace(/\s+/g, " ");

/** A code without its header, and how many lines that has. */
export function withoutHeader(code: string, { first, count }: FileHeader): string {
  const lines = code.split("\n");
  lines.splice(first, count);
  return lines.join("\n");
}
