import { createHmac } from "node:crypto";
import type { Person } from "@repotune/schema";
import { mailAddresses, type Span } from "./mail-addresses.ts";
import { identityOf } from "./person.ts";
import { PhraseTable } from "./phrase-table.ts";
import { isUnspaced, tokenEnd } from "./tokens.ts";

/** Hex digits of a pseudonym: among a million people, two share one with a chance of 0.2 %. */
const DIGITS = 12;

/** Characters below which a name says too little to be looked for: `Al` is part of `Al dente`. */
const MIN_CHARACTERS = 4;

/**
 * Names that accounts and machines have, and that messages use as words; in lower case. `author`,
 * `anonymous` and `invalid` also stand in pseudonyms.
 */
const commonWords = new Set([
  ...["unknown", "root", "admin", "administrator", "user", "guest", "nobody", "none", "null"],
  ...["anonymous", "invalid", "author", "authors", "committer", "name", "your name", "username"],
  ...["system", "server", "local", "localhost", "default", "test", "tests", "tester", "testing"],
  ...["developer", "developers", "maintainer", "contributor", "team", "someone", "somebody"],
  ...["build", "builder", "deploy", "release", "merge", "update", "import", "code", "example"],
  ...["github", "gitlab", "bitbucket", "jenkins", "ubuntu", "debian", "linux", "windows", "docker"],
]);

/** `Name <address>` after a key that says a person follows; mails are quoted by `>`. */
const namedLine = /([ \t>]*(?:[a-z-]+-by|cc|from|to|author)[ \t]*:)([^<>\n]*)<([^<>\n]*)>/iy;

/** An address in its brackets, and what may stand between it and a name. */
const bracketed = /[ \t]*<([^<>\n]*)>/y;

interface Found {
  end: number;
  replacement: string;
}

/**
 * Replaces people by keyed hashes, the same wherever they appear.
 *
 * A pseudonym is the HMAC-SHA-256 of the e-mail address in lower case (of the name where there is
 * none), so that two names with one address stay one person, and nobody without the salt can test
 * a guess.
 */
export class Pseudonyms {
  readonly #salt: string;
  /** Hashes of the known, whom nearly all mentions are of. */
  readonly #ids = new Map<string, string>();
  readonly #names = new PhraseTable<{ identity: string; isDistinctive: boolean }>();
  /** Those that do not look like one. */
  readonly #addresses = new PhraseTable<string>((token) => token.toLowerCase());

  /**
   * @param people whom texts may name. Where several have the same name, a text that gives no
   *   address means the first.
   */
  constructor(salt: string, people: readonly Person[]) {
    this.#salt = salt;
    for (const person of people) {
      const identity = identityOf(person);
      this.#ids.set(identity, this.#hash(identity));
      const name = person.name.trim();
      const isDistinctive = isDistinctiveName(name);
      for (const form of new Set([name, name.normalize("NFC"), name.normalize("NFD")])) {
        this.#names.add(form, { identity, isDistinctive });
      }
      const email = person.email.trim();
      if (!isPlainAddress(email) && (/[^@]@[^@]/.test(email) || isDistinctiveName(email))) {
        this.#addresses.add(email, identity);
      }
    }
  }

  /** `author-<12 hex digits>` with `<12 hex digits>@anonymous.invalid`. */
  of(person: Person): Person {
    const identity = identityOf(person);
    return { name: this.#name(identity), email: this.#email(identity) };
  }

  /**
   * A text with people replaced, in time that grows with its length, however many are known:
   *
   * - every e-mail address, known or not; `<…>` that holds one, or a known one without `@`;
   * - every known name as whole words, in its case, with any white space between them. Names of
   *   less than four characters, or of one common word, only before an address in brackets;
   * - whoever stands before an address in a line such as `Reviewed-by: Name <address>`.
   *
   * A name before an address in brackets gets the pseudonym of the address, as with {@link of}.
   */
  scrub(text: string): string {
    const spans = mailAddresses(text);
    let result = "";
    let copied = 0;
    let span = 0;
    for (let at = 0; at < text.length; ) {
      while ((spans[span]?.end ?? Number.POSITIVE_INFINITY) <= at) span += 1;
      const end = tokenEnd(text, at);
      // An address begins where a token does: what is part of a word is part of an address.
      const mayBegin =
        spans[span]?.start === at || isLineStart(text, at) || this.#mayBegin(text.slice(at, end));
      const found = mayBegin ? this.#personAt(text, at, spans, span) : undefined;
      if (found) {
        result += text.slice(copied, at) + found.replacement;
        copied = found.end;
      }
      at = found?.end ?? end;
    }
    return result + text.slice(copied);
  }

  /** Whether somebody may be named where the token is; no, for nearly all of a text. */
  #mayBegin(token: string): boolean {
    return token === "<" || this.#names.begins(token) || this.#addresses.begins(token);
  }

  /** The person that is named at `at`, where neither a token nor an address is cut in two. */
  #personAt(text: string, at: number, spans: readonly Span[], span: number): Found | undefined {
    const isWhole = (end: number) => !isInside(end, spans, span);
    const candidates: (Found | undefined)[] = [];
    if (isLineStart(text, at)) candidates.push(this.#inLine(text, at));
    if (text[at] === "<") candidates.push(this.#inBrackets(text, at));
    const address = spans[span];
    if (address?.start === at) {
      const identity = text.slice(at, address.end).toLowerCase();
      candidates.push({ end: address.end, replacement: this.#email(identity) });
    }
    const known = this.#addresses.longest(text, at, (_, end) => isWhole(end));
    if (known) candidates.push({ end: known.end, replacement: this.#email(known.value) });
    const name = this.#names.longest(
      text,
      at,
      ({ isDistinctive }, end) =>
        isWhole(end) && (isDistinctive || this.#addressAfter(text, end) !== undefined),
    );
    if (name) {
      const identity = this.#addressAfter(text, name.end) ?? name.value.identity;
      candidates.push({ end: name.end, replacement: this.#name(identity) });
    }
    let longest: Found | undefined;
    for (const found of candidates) if (found && found.end > (longest?.end ?? 0)) longest = found;
    return longest;
  }

  /** `Key: Name` before an address. */
  #inLine(text: string, at: number): Found | undefined {
    namedLine.lastIndex = at;
    const [, key = "", name = "", content = ""] = namedLine.exec(text) ?? [];
    const identity = this.#identityIn(content);
    if (identity === undefined || name.trim() === "") return undefined;
    const end = at + key.length + name.length;
    return { end, replacement: `${key} ${this.#name(identity)} ` };
  }

  #inBrackets(text: string, at: number): Found | undefined {
    const identity = this.#addressAfter(text, at);
    if (identity === undefined) return undefined;
    return { end: bracketed.lastIndex, replacement: `<${this.#email(identity)}>` };
  }

  /** The person whose address in brackets follows. */
  #addressAfter(text: string, at: number): string | undefined {
    bracketed.lastIndex = at;
    const content = bracketed.exec(text)?.[1];
    return content === undefined ? undefined : this.#identityIn(content);
  }

  #identityIn(brackets: string): string | undefined {
    const identity = brackets.trim().toLowerCase();
    if (identity === "") return undefined;
    const isAddress = this.#ids.has(identity) || /^[^\s@/:]+@[^\s@/:]+$/.test(identity);
    return isAddress ? identity : undefined;
  }

  #name(identity: string): string {
    return `author-${this.#idOf(identity)}`;
  }

  #email(identity: string): string {
    return `${this.#idOf(identity)}@anonymous.invalid`;
  }

  #idOf(identity: string): string {
    return this.#ids.get(identity) ?? this.#hash(identity);
  }

  #hash(identity: string): string {
    return createHmac("sha256", this.#salt).update(identity).digest("hex").slice(0, DIGITS);
  }
}

const isLineStart = (text: string, at: number) => at === 0 || text[at - 1] === "\n";

/** Whether an address is found in a text without being known. */
function isPlainAddress(email: string): boolean {
  const [span] = mailAddresses(email);
  return span?.start === 0 && span.end === email.length;
}

/** Whether a position lies within one of the spans from `first` on. */
function isInside(position: number, spans: readonly Span[], first: number): boolean {
  for (let index = first; index < spans.length; index += 1) {
    const { start, end } = spans[index] as Span;
    if (position <= start) return false;
    if (position < end) return true;
  }
  return false;
}

/** Whether a name can be looked for by itself. */
function isDistinctiveName(name: string): boolean {
  let characters = 0;
  for (const character of name) characters += isUnspaced(character) ? 2 : 1;
  return (
    characters >= MIN_CHARACTERS && /\p{L}/u.test(name) && !commonWords.has(name.toLowerCase())
  );
}
