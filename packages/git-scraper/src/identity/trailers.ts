import type { Person } from "@repotune/schema";
import { identityOf } from "./person.ts";

/** A `Key: value` line at the end of a message. */
export interface Trailer {
  /** As written: letters, digits and hyphens. */
  key: string;
  /** Folded lines are joined by single spaces. */
  value: string;
}

/** Below it, `git commit --verbose` shows the patch, which is no part of the message. */
const SCISSORS = "# ------------------------ >8 ------------------------\n";

/** One such line makes trailers of a paragraph that also has other lines, up to three of four. */
const generatedByGit = ["Signed-off-by: ", "(cherry picked from commit "];

/**
 * The trailers of a message: what `git log --format='%(trailers:only,unfold)'` prints, without any
 * trailer configuration.
 *
 * Follows git's `trailer.c`. Unlike `git interpret-trailers`, which reads mails too, a line `---`
 * ends nothing.
 *
 * @param message the whole message as the commit object has it, decoded.
 */
export function parseTrailers(message: string): Trailer[] {
  if (!/\n[A-Za-z0-9-]+[ \t]*:/.test(message)) return []; // The first line never is one.
  const lines = messageLines(message);
  const trailers: string[] = [];
  let isTrailer = false;
  for (const line of lines.slice(trailerStart(lines))) {
    if (isTrailer && startsWithSpace(line)) {
      trailers.push(`${trailers.pop()}${line}`);
      continue;
    }
    isTrailer = isTrailerLine(line);
    if (isTrailer) trailers.push(line);
  }
  return trailers.map((text) => {
    const colon = text.indexOf(":");
    const value = trim(text.slice(colon + 1)).replace(/\n[ \t\r\n]*/g, " ");
    return { key: trim(text.slice(0, colon)), value: trim(value) };
  });
}

/**
 * The people that `Co-authored-by` trailers name, each once, in order; the same address is the
 * same person. A value without `Name <email>` names nobody.
 */
export function coAuthors(trailers: readonly Trailer[]): Person[] {
  const people = new Map<string, Person>();
  for (const { key, value } of trailers) {
    if (key.toLowerCase() !== "co-authored-by") continue;
    const [, name = "", email = ""] = /^([^<]*)<([^>]*)>/.exec(value) ?? [];
    const person = { name: trim(name), email: trim(email) };
    const identity = identityOf(person);
    if (identity !== "" && !people.has(identity)) people.set(identity, person);
  }
  return [...people.values()];
}

/**
 * The lines that count, each with its line feed: without blank lines before the title, the patch
 * below scissors, and comments, empty lines and a list of conflicts at the end.
 *
 * As `ignore_non_trailer` of git's `commit.c`, in which the first line never begins what is cut off.
 */
function messageLines(message: string): string[] {
  const nul = message.indexOf("\0"); // For git, the end.
  const text = nul < 0 ? message : message.slice(0, nul);
  const lines: string[] = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const title = lines.findIndex((line) => !isBlank(line));
  lines.splice(0, title < 0 ? lines.length : title);
  const scissors = lines.indexOf(SCISSORS);
  if (scissors >= 0) lines.length = scissors;
  let end = 0;
  let isInConflicts = false;
  for (const [index, line] of lines.entries()) {
    if (isComment(line) || line === "\n") {
      end ||= index;
    } else if (line === "Conflicts:\n") {
      isInConflicts = true;
      end ||= index;
    } else if (end > 0 && !(isInConflicts && line.startsWith("\t"))) {
      end = 0;
      isInConflicts = false;
    }
  }
  return end > 0 ? lines.slice(0, end) : lines;
}

/**
 * Index of the first trailer; the number of lines if there is none.
 *
 * The trailers are the last paragraph, but not the first one, which is the title. Either all of its
 * lines are trailers and their continuations, or one is of git's own making and at least one in
 * four is a trailer. As `find_trailer_start` of git's `trailer.c`.
 */
function trailerStart(lines: readonly string[]): number {
  const endOfTitle = lines.findIndex((line) => !isComment(line) && isBlank(line));
  if (endOfTitle < 0) return lines.length;
  let trailers = 0;
  let others = 0;
  /** Lines that begin with space: part of the trailer above them, if it is one. */
  let continuations = 0;
  let hasGenerated = false;
  let isEmpty = true;
  for (let index = lines.length - 1; index >= endOfTitle; index -= 1) {
    const line = lines[index] as string;
    if (isComment(line)) {
      others += continuations;
      continuations = 0;
    } else if (isBlank(line)) {
      if (isEmpty) continue;
      others += continuations;
      const areTrailers = hasGenerated ? trailers * 3 >= others : trailers > 0 && others === 0;
      return areTrailers ? index + 1 : lines.length;
    } else {
      isEmpty = false;
      const isGenerated = generatedByGit.some((start) => line.startsWith(start));
      hasGenerated ||= isGenerated;
      if (isGenerated || isTrailerLine(line)) {
        trailers += 1;
        continuations = 0;
      } else if (startsWithSpace(line)) {
        continuations += 1;
      } else {
        others += continuations + 1;
        continuations = 0;
      }
    }
  }
  return lines.length;
}

const isTrailerLine = (line: string) => /^[A-Za-z0-9-]+[ \t]*:/.test(line);

const isComment = (line: string) => line.startsWith("#");

const isBlank = (line: string) => trim(line) === "";

const startsWithSpace = (line: string) => isSpace(line.charAt(0));

/** Space as git has it. */
const isSpace = (character: string) => character !== "" && " \t\r\n".includes(character);

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
