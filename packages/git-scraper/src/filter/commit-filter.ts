import { type Person, StageError } from "@repotune/schema";
import type { CommitObject } from "../commit/commit-object.ts";
import { decodeName, messageDecoder } from "../commit/text.ts";
import { personKey } from "../identity/person.ts";
import { dateSeconds } from "./dates.ts";
import { anyOf, globSource } from "./glob.ts";
import { listItems } from "./list.ts";

/** Why a commit is left out; the first that applies, in this order. */
export type DropReason = "date" | "author" | "bot" | "merge";

/** Which commits are kept. */
export interface CommitFilterOptions {
  /** Not before this day or moment, by commit date. */
  since?: string | undefined;
  /** Not after this day or moment, by commit date; a day counts to its end. */
  until?: string | undefined;
  /**
   * Comma-separated texts, of which the author must contain one: `Name <email>`, whatever the case.
   * `*` stands for any text.
   */
  authors?: string | undefined;
  /** Texts of which the author must contain none. */
  excludeAuthors?: string | undefined;
  /** Whether to keep commits of bots. @default true */
  bots?: boolean | undefined;
  /** Whether to keep merge commits. @default true */
  merges?: boolean | undefined;
}

/** What is looked at of a commit. */
export type CommitFacts = Pick<CommitObject, "author" | "committer" | "parents" | "encoding">;

/**
 * A test for commits by their objects alone, before any diff is made.
 *
 * @param isBot whether an author is an automaton.
 * @returns undefined if every commit is kept; else a function that tells why one is left out.
 * @throws {StageError} `E_USAGE` for what is no date, or `until` before `since`.
 */
export function compileCommitFilter(
  options: CommitFilterOptions,
  isBot: (author: Person) => boolean,
): ((commit: CommitFacts) => DropReason | undefined) | undefined {
  const isInRange = dateTest(options);
  const isAuthor = authorTest(options);
  const { bots = true, merges = true } = options;
  if (!isInRange && !isAuthor && bots && merges) return undefined;
  return (commit) => {
    // git takes a date it cannot read for the first second of 1970.
    if (isInRange && !isInRange(commit.committer.seconds ?? 0)) return "date";
    if (isAuthor || !bots) {
      const author = authorText(commit);
      if (isAuthor && !isAuthor(personKey(author))) return "author";
      if (!bots && isBot(author)) return "bot";
    }
    return !merges && commit.parents.length > 1 ? "merge" : undefined;
  };
}

function dateTest({
  since,
  until,
}: CommitFilterOptions): ((seconds: number) => boolean) | undefined {
  if (since === undefined && until === undefined) return undefined;
  const first = since === undefined ? 0 : dateSeconds(since, "since");
  const last = until === undefined ? Number.POSITIVE_INFINITY : dateSeconds(until, "until");
  if (first > last) {
    throw new StageError("E_USAGE", `--since ${since} is after --until ${until}.`, {
      hint: "Exchange them.",
    });
  }
  return (seconds) => seconds >= first && seconds <= last;
}

function authorTest({
  authors,
  excludeAuthors,
}: CommitFilterOptions): ((author: string) => boolean) | undefined {
  const wanted = authorPatterns(authors);
  const unwanted = authorPatterns(excludeAuthors);
  if (!wanted && !unwanted) return undefined;
  return (author) => {
    const text = Buffer.from(author.toLowerCase()).toString("latin1");
    return (wanted?.(text) ?? true) && !unwanted?.(text);
  };
}

/** One of the texts in lower case, anywhere; only `*` is special, for `dependabot[bot]`'s sake. */
const authorPatterns = (list: string | undefined) =>
  anyOf(
    listItems(list?.toLowerCase() ?? "").map((item) =>
      globSource(`*${item.replace(/[?[]/g, "\\$&")}*`, { isPath: false }),
    ),
  );

function authorText({ author, encoding }: CommitFacts): Person {
  const decode = messageDecoder(encoding);
  return { name: decodeName(author.name, decode), email: decodeName(author.email, decode) };
}
