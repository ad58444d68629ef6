import type { Lexis } from "../files/file-language.ts";

/** A text as tokens. */
export interface Tokens {
  /** Tokens that are no comments. */
  code: string[];
  /** Words of the comments. */
  comments: string[];
}

const isWord = (code: number) =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code >= 128;

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;

const QUOTE = 34;
const APOSTROPHE = 39;
const BACKTICK = 96;
const SLASH = 47;
const STAR = 42;
const HASH = 35;
const BACKSLASH = 92;
const COMMA = 44;
const CLOSERS = new Set([41, 93, 125]);

/** Tokens that are made before anyone looks at them. */
const PART_TOKENS = 64;

/**
 * Divides code into tokens: words, strings and single signs; comments apart.
 *
 * It serves to compare texts, so it need not follow a grammar exactly, but never fails and takes
 * time in proportion to the text. A comma that ends a line before a closing bracket is layout.
 */
export function lex(text: string, lexis: Lexis): Tokens {
  const stream = new TokenStream(text, lexis);
  const code: string[] = [];
  for (let token = stream.next(); token !== undefined; token = stream.next()) code.push(token);
  return { code, comments: stream.comments };
}

/** In what two texts differ; their tokens are made only as far as it takes to tell. */
export function differenceOf(a: string, b: string, lexis: Lexis): "layout" | "comments" | "code" {
  if (a === b) return "layout";
  const streams = [new TokenStream(a, lexis), new TokenStream(b, lexis)] as const;
  for (let token: string | undefined = ""; token !== undefined; ) {
    token = streams[0].next();
    if (token !== streams[1].next()) return "code";
  }
  const [old, fresh] = [streams[0].comments, streams[1].comments];
  const isSame = old.length === fresh.length && old.every((word, at) => word === fresh[at]);
  return isSame ? "layout" : "comments";
}

/** Gives the tokens of a code one by one, and gathers the comments met on the way. */
class TokenStream {
  readonly comments: string[] = [];
  readonly #parts: Generator<Tokens, Tokens>;
  #code: string[] = [];
  #at = 0;
  #isDone = false;

  constructor(text: string, lexis: Lexis) {
    this.#parts = lexis.isLayoutSensitive ? lexLines(text, lexis) : lexSigns(text, lexis);
  }

  /** The next token; undefined at the end. */
  next(): string | undefined {
    while (this.#at === this.#code.length && !this.#isDone) {
      const { value, done } = this.#parts.next();
      for (const word of value.comments) this.comments.push(word);
      this.#code = value.code;
      this.#at = 0;
      this.#isDone = done === true;
    }
    this.#at += 1;
    return this.#code[this.#at - 1];
  }
}

function* lexSigns(text: string, lexis: Lexis): Generator<Tokens, Tokens> {
  let tokens: Tokens = { code: [], comments: [] };
  const { length } = text;
  let at = 0;
  while (at < length) {
    const character = text.charCodeAt(at);
    if (isSpace(character)) {
      at += 1;
      continue;
    }
    let end = commentEnd(text, at, lexis);
    if (end > at) {
      for (const [word] of text.slice(at, end).matchAll(/[^\s/*!#]+/g)) tokens.comments.push(word);
    } else {
      end = tokenEnd(text, at, character, lexis);
      if (character !== COMMA || !isLayoutComma(text, end)) tokens.code.push(text.slice(at, end));
    }
    at = end;
    if (tokens.code.length < PART_TOKENS) continue;
    yield tokens;
    tokens = { code: [], comments: [] };
  }
  return tokens;
}

/**
 * Where white space before a line counts, it is a token; blank lines are none. Lines that hold nothing
 * but a comment are apart, and so are docstrings: strings that begin a text or a block.
 */
function* lexLines(text: string, lexis: Lexis): Generator<Tokens, Tokens> {
  let tokens: Tokens = { code: [], comments: [] };
  /** Whether the next line begins a text, or a block after `def …:` and the like. */
  let beginsBlock = true;
  /** Quotes of the string that a line begins in, and whether it is a docstring. */
  let open: { quotes: string; isDocstring: boolean } | undefined;
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf("\n", at);
    const line = text.slice(at, feed < 0 ? text.length : feed).trimEnd();
    at = feed < 0 ? text.length : feed + 1;
    if (line === "") continue;
    const start = line.trimStart();
    if (!open && lexis.hasHashComments && start.startsWith("#")) {
      tokens.comments.push(start);
      continue;
    }
    const opensDocstring: boolean = lexis.hasDocstrings && beginsBlock && DOCSTRING.test(start);
    const isDocstring: boolean = open ? open.isDocstring : opensDocstring;
    if (isDocstring) tokens.comments.push(start);
    else pushLine(tokens.code, line, start);
    if (lexis.hasDocstrings) {
      beginsBlock = !isDocstring && line.endsWith(":");
      const quotes = openQuotes(line, open?.quotes);
      open = quotes === undefined ? undefined : { quotes, isDocstring };
    }
    if (tokens.code.length < PART_TOKENS) continue;
    yield tokens;
    tokens = { code: [], comments: [] };
  }
  return tokens;
}

const DOCSTRING = /^[rRuU]{0,2}("""|'''|"|')/;

/** A line as the white space before it, which means something, and its words and signs. */
function pushLine(code: string[], line: string, start: string): void {
  code.push(`\n${line.slice(0, line.length - start.length)}`);
  for (const [token] of start.matchAll(/[\p{L}\p{N}_]+|\S/gu)) code.push(token);
}

/** The triple quotes that a line leaves open, if it begins in `open` ones or in none. */
function openQuotes(line: string, open: string | undefined): string | undefined {
  let quotes = open;
  for (let at = 0; at < line.length; ) {
    if (quotes !== undefined) {
      const end = line.indexOf(quotes, at);
      if (end < 0) return quotes;
      at = end + quotes.length;
      quotes = undefined;
      continue;
    }
    const found = /"""|'''|["'#]/.exec(line.slice(at));
    if (!found || found[0] === "#") return undefined;
    at += found.index + found[0].length;
    if (found[0].length === 3) quotes = found[0];
    else at = stringEnd(line, at - 1, line.charCodeAt(at - 1));
  }
  return quotes;
}

/** End of the comment that begins at `at`; `at` if none does. */
function commentEnd(text: string, at: number, lexis: Lexis): number {
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  if (lexis.hasSlashComments && first === SLASH && second === SLASH) return lineEnd(text, at);
  if (lexis.hasSlashComments && first === SLASH && second === STAR) {
    return blockEnd(text, at, lexis.isRust);
  }
  return lexis.hasHashComments && first === HASH ? lineEnd(text, at) : at;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function blockEnd(text: string, start: number, isNested: boolean): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const first = text.charCodeAt(at);
    const second = text.charCodeAt(at + 1);
    if (first === SLASH && second === STAR && (isNested || depth === 0)) {
      depth += 1;
      at += 1;
    } else if (first === STAR && second === SLASH) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function tokenEnd(text: string, at: number, character: number, lexis: Lexis): number {
  if (character === QUOTE) return stringEnd(text, at, QUOTE);
  if (lexis.isRust) {
    if (character === APOSTROPHE) return characterEnd(text, at);
    const raw = rawStringEnd(text, at, character);
    if (raw > at) return raw;
  } else if (character === APOSTROPHE || character === BACKTICK) {
    return stringEnd(text, at, character);
  }
  if (!isWord(character)) return at + 1;
  let end = at + 1;
  while (end < text.length && isWord(text.charCodeAt(end))) end += 1;
  return end;
}

function stringEnd(text: string, start: number, quote: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === quote) return at + 1;
  }
  return text.length;
}

/** A character such as `'\u{1F600}'`, or a lifetime such as `'static`. */
function characterEnd(text: string, at: number): number {
  if (text.charCodeAt(at + 1) === BACKSLASH) {
    const end = text.indexOf("'", at + 3);
    return end > 0 && end < at + 14 ? end + 1 : at + 2;
  }
  const width = (text.codePointAt(at + 1) ?? 0) > 0xffff ? 2 : 1;
  if (text.charCodeAt(at + 1 + width) === APOSTROPHE) return at + width + 2;
  let end = at + 1;
  while (end < text.length && isWord(text.charCodeAt(end))) end += 1;
  return end;
}

/** End of `r#"…"#` and its kin, if one begins here. */
function rawStringEnd(text: string, at: number, character: number): number {
  if (character !== 114 && character !== 98 && character !== 99) return at; // r, b, c
  const opening = /^(?:br|cr|r)(#*)"/.exec(text.slice(at, at + 16));
  if (!opening) return at;
  const close = `"${opening[1]}`;
  const end = text.indexOf(close, at + opening[0].length);
  return end < 0 ? text.length : end + close.length;
}

/** Whether what follows a comma is a line break and then a closing bracket. */
function isLayoutComma(text: string, from: number): boolean {
  let hasBreak = false;
  let at = from;
  for (; at < text.length && isSpace(text.charCodeAt(at)); at += 1) {
    if (text.charCodeAt(at) === 10) hasBreak = true;
  }
  return hasBreak && CLOSERS.has(text.charCodeAt(at));
}
