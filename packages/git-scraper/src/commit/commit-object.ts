const LINE_FEED = 10;
const NOTHING = Buffer.alloc(0);

/** A person and a moment, as a commit object has them. */
export interface Identity {
  name: Buffer;
  email: Buffer;
  /** Seconds since 1970; undefined if there is no number. */
  seconds: number | undefined;
  /** Time zone as written, e.g. `+0200`; empty if there is none. */
  zone: string;
}

/** The parts of a commit object, as exact bytes. */
export interface CommitObject {
  tree: string;
  parents: string[];
  author: Identity;
  committer: Identity;
  /** Value of the `encoding` header. */
  encoding: string | undefined;
  message: Buffer;
}

/**
 * Takes a commit object apart as git's formats do: of several authors or committers the last counts,
 * of other headers the first; unknown ones (and the continuation lines of signatures) are passed
 * over; the message is all that follows a blank line.
 */
export function parseCommitObject(object: Buffer): CommitObject {
  const parents: string[] = [];
  let tree = "";
  let author: Identity | undefined;
  let committer: Identity | undefined;
  let encoding: string | undefined;
  let start = 0;
  while (start < object.length && object[start] !== LINE_FEED) {
    const found = object.indexOf(LINE_FEED, start);
    const end = found < 0 ? object.length : found;
    const space = object.indexOf(32, start);
    const name = space < 0 || space > end ? "" : object.toString("latin1", start, space);
    const value = object.subarray(space + 1, end);
    if (name === "tree") tree ||= value.toString("latin1");
    else if (name === "parent") parents.push(value.toString("latin1"));
    else if (name === "author") author = parseIdentity(value);
    else if (name === "committer") committer = parseIdentity(value);
    else if (name === "encoding") encoding ??= value.toString("latin1");
    start = end + 1;
  }
  const nobody = parseIdentity(NOTHING);
  return {
    tree,
    parents,
    author: author ?? nobody,
    committer: committer ?? nobody,
    encoding,
    message: object.subarray(Math.min(object.length, start + 1)),
  };
}

/**
 * Takes `Name <email> seconds zone` apart as git's `split_ident_line` does: the address ends at the
 * first `>`, the date follows the last one and needs its zone. A line without an address in angle
 * brackets says nothing to git, not even a name.
 */
function parseIdentity(line: Buffer): Identity {
  const open = line.indexOf("<");
  const close = open < 0 ? -1 : line.indexOf(">", open);
  if (close < 0) return { name: NOTHING, email: NOTHING, seconds: undefined, zone: "" };
  const date = line.toString("latin1", line.lastIndexOf(">") + 1);
  const [, seconds, zone = ""] = /^\s*(\d+)\s*([+-]\d+)/.exec(date) ?? [];
  let nameEnd = open;
  while (nameEnd > 0 && isSpace(line[nameEnd - 1])) nameEnd -= 1;
  return {
    name: line.subarray(0, nameEnd),
    email: line.subarray(open + 1, close),
    seconds: seconds === undefined ? undefined : Number(seconds),
    zone,
  };
}

const isSpace = (byte: number | undefined) =>
  byte === 32 || byte === 9 || byte === LINE_FEED || byte === 13;
