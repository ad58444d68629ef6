import { entropyOf } from "./entropy.ts";
import type { Span } from "./span.ts";
import { lineAfter, lineAt, lineBefore, type TextLine } from "./text-lines.ts";

/** The rule of keys between `BEGIN` and `END`, as gitleaks calls it. */
const PRIVATE_KEY = "private-key";
/** The rule of keys of which neither line is in the text: the middle of a long one. */
const KEY_LINES = "private-key-lines";

/** `-----BEGIN RSA PRIVATE KEY-----`, `-----END PGP PRIVATE KEY BLOCK-----`. */
const BOUNDARY = /-----(BEGIN|END)[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----/g;
/** From `BEGIN` to `END`, or to where base64 ends. */
const KEY_IN_LINE =
  /-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[ \t]){0,8}([A-Za-z0-9+/=](?:[A-Za-z0-9+/= ]|\\[nr](?!-)){15,20000})/dg;
const ANY_BOUNDARY = /-----(?:BEGIN|END) /;

/** Base64 alone on a line, save for indentation, marks of comments and quotation. */
const BASE64_LINE =
  /^([ \t>#*]{0,80}(?:\/\/[ \t])?[ \t]{0,8}(?:[brf]?["'`])?)([A-Za-z0-9+/=]{1,500})/;
const LINE_END = /^(?:\\[nr])*["'`]?[ \t\r]{0,8}[,;+\\)]{0,3}[ \t\r]{0,8}$/;

/** `Proc-Type: 4,ENCRYPTED`, `Version: GnuPG v2`: what may stand between `BEGIN` and the key. */
const HEADER = /^[\s"'`>#*/]{0,80}(?:[A-Z][\w-]{1,30}: .{0,200}|(?:\\[nr])*["'`\s,+\\]{0,8})$/;

/** `=qL3x`: the checksum of an armoured PGP block, behind its base64. */
const CHECKSUM = /^[\s"'`>#*/]{0,80}=[A-Za-z0-9+/]{4}\s{0,8}$/;
/** Most lines between base64 and what claims it. */
const MAX_EDGE = 6;

/** RFC 7468 gives a line of a key 64 characters; OpenSSH gives it 70. */
const LINE_LENGTHS = new Set([64, 70]);
const MIN_LINES = 3;
/** Random base64 of this length has 5 bits a character, hexadecimal digits have 4 at most. */
const MIN_ENTROPY = 4.2;
/** A shorter line is a key's last one; a word on a line of its own is not its first one. */
const MIN_FIRST_LENGTH = 16;
/** Lines of a key of 16,384 bits, twice. */
const MAX_LINES = 500;

/** Finds private keys: whole ones, and what a hunk or a part shows of one. */
export function findKeyMaterial(text: string, isPatch: boolean): Span[] {
  const runs = runsOfLines(text, isPatch);
  if (!text.includes("PRIVATE KEY")) return runs;
  const spans: Span[] = [];
  BOUNDARY.lastIndex = 0;
  for (let match = BOUNDARY.exec(text); match; match = BOUNDARY.exec(text)) {
    const line = lineAt(text, match.index, isPatch);
    const inner = keysInLine(text.slice(line.start, line.end), line.start);
    if (inner.length > 0) spans.push(...inner);
    else if (match[1] === "BEGIN") spans.push(...linesAfter(text, line, isPatch));
    else spans.push(...linesBefore(text, line, isPatch));
    BOUNDARY.lastIndex = line.end;
  }
  return [...spans, ...runs];
}

/** Keys that begin in a line and do not leave it, with `\n` for their line feeds or without any. */
function keysInLine(line: string, lineStart: number): Span[] {
  return [...line.matchAll(KEY_IN_LINE)].map((match) => {
    const [start = 0, end = 0] = match.indices?.[1] ?? [];
    return { start: lineStart + start, end: lineStart + end, id: PRIVATE_KEY };
  });
}

/** The lines of a key behind its `BEGIN`, up to `END` or to what is not base64. */
function linesAfter(text: string, begin: TextLine, isPatch: boolean): Span[] {
  const spans: Span[] = [];
  let fullLength = 0;
  let line = lineAfter(text, begin, isPatch);
  for (let count = 0; line && count < MAX_LINES; count += 1) {
    const base64 = base64Of(text, line);
    const length = base64 ? base64.end - base64.start : 0;
    if (base64 && length >= (fullLength === 0 ? MIN_FIRST_LENGTH : 1)) {
      spans.push({ ...base64, id: PRIVATE_KEY });
      fullLength = Math.max(fullLength, length);
    } else if (fullLength > 0 || !HEADER.test(text.slice(line.start, line.end))) break;
    line = lineAfter(text, line, isPatch);
  }
  return spans;
}

/** The lines of a key before its `END`. */
function linesBefore(text: string, end: TextLine, isPatch: boolean): Span[] {
  const spans: Span[] = [];
  let line = lineBefore(text, end, isPatch);
  for (let count = 0; line && count < MAX_LINES; count += 1) {
    const base64 = base64Of(text, line);
    // The last line may be of any length, and a checksum may follow it.
    if (!base64 || (count > 1 && base64.end - base64.start < MIN_FIRST_LENGTH)) break;
    spans.push({ ...base64, id: PRIVATE_KEY });
    line = lineBefore(text, line, isPatch);
  }
  return spans;
}

/** Three lines of base64 or more, each as long as a line of a key, that no certificate claims. */
function runsOfLines(text: string, isPatch: boolean): Span[] {
  const spans: Span[] = [];
  for (let at = base64From(text, 0); at >= 0; ) {
    let line: TextLine | undefined = lineAt(text, at, isPatch);
    const before = lineBefore(text, line, isPatch);
    const run: Span[] = [];
    let next = line.end;
    for (; line; line = lineAfter(text, line, isPatch)) {
      const base64 = base64Of(text, line);
      if (!base64) break;
      const length = base64.end - base64.start;
      if (!LINE_LENGTHS.has(length) && (run.length < MIN_LINES || length < 8)) break;
      run.push({ ...base64, id: KEY_LINES });
      next = line.end;
      if (!LINE_LENGTHS.has(length)) break;
    }
    const isOfKey = run.length >= MIN_LINES && run.slice(0, MIN_LINES).every(isRandom(text));
    const after = next < text.length ? lineAt(text, next + 1, isPatch) : undefined;
    const isClaimed =
      hasBoundary(text, before, isPatch, lineBefore) ||
      hasBoundary(text, after, isPatch, lineAfter);
    if (isOfKey && !isClaimed) spans.push(...run);
    at = base64From(text, next);
  }
  return spans;
}

/** Whether, from `edge` on, a `BEGIN` or `END` follows what may stand between it and base64. */
function hasBoundary(
  text: string,
  edge: TextLine | undefined,
  isPatch: boolean,
  step: typeof lineBefore,
): boolean {
  let line = edge;
  for (let count = 0; line && count < MAX_EDGE; count += 1) {
    const content = text.slice(line.start, Math.min(line.end, line.start + 300));
    if (ANY_BOUNDARY.test(content)) return true;
    if (!HEADER.test(content) && !CHECKSUM.test(content)) return false;
    line = step(text, line, isPatch);
  }
  return false;
}

const isRandom = (text: string) => (span: Span) =>
  entropyOf(text.slice(span.start, span.end)) >= MIN_ENTROPY;

/** The base64 of a line that holds nothing else. */
function base64Of(text: string, { start, end }: TextLine): { start: number; end: number } | null {
  if (end - start > 700) return null;
  const content = text.slice(start, end);
  const match = BASE64_LINE.exec(content);
  if (!match || !LINE_END.test(content.slice(match[0].length))) return null;
  const from = start + (match[1]?.length ?? 0);
  return { start: from, end: from + (match[2]?.length ?? 0) };
}

const WINDOW = 64;
const BASE64 = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
  BASE64[character.charCodeAt(0)] = 1;
}

/**
 * Where the next 64 characters of base64 in a row begin, from `from` on; -1 if there are none.
 *
 * Looks at a window's last character first, as Boyer and Moore do: one that is not of base64 rules
 * out all windows that hold it, so that most of the text is never looked at.
 */
function base64From(text: string, from: number): number {
  let start = from;
  while (start + WINDOW <= text.length) {
    let at = start + WINDOW - 1;
    while (at >= start && BASE64[text.charCodeAt(at)] === 1) at -= 1;
    if (at < start) return start;
    start = at + 1;
  }
  return -1;
}
