const LINE_FEED = 10;

/** A person and a moment, as a commit object has them. Names are bytes, in latin1 until decoded. */
export interface Identity {
  name: string;
  email: string;
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
  let author = "";
  let committer = "";
  let encoding: string | undefined;
  const headerEnd = endOfHeader(object);
  // People are remembered: their text must be no slice of this one, which may hold a signature.
  const header = object.toString("latin1", 0, headerEnd);
  for (let start = 0; start < headerEnd; ) {
    const found = header.indexOf("\n", start);
    const end = found < 0 ? headerEnd : found;
    const line = header.slice(start, end);
    const valueAt = line.indexOf(" ") + 1;
    const name = line.slice(0, valueAt);
    if (name === "tree ") tree ||= line.slice(valueAt);
    else if (name === "parent ") parents.push(line.slice(valueAt));
    else if (name === "author ") author = object.toString("latin1", start + valueAt, end);
    else if (name === "committer ") committer = object.toString("latin1", start + valueAt, end);
    else if (name === "encoding ") encoding ??= line.slice(valueAt);
    start = end + 1;
  }
  return {
    tree,
    parents,
    author: parseIdentity(author),
    committer: parseIdentity(committer),
    encoding,
    message: object.subarray(Math.min(object.length, headerEnd + 1)),
  };
}

/** Position of the blank line behind the header, or the end. */
function endOfHeader(object: Buffer): number {
  if (object[0] === LINE_FEED) return 0;
  const end = object.indexOf("\n\n");
  return end < 0 ? object.length : end + 1;
}

/**
 * Takes `Name <email> seconds zone` apart as git's `split_ident_line` does: the address ends at the
 * first `>`, the date follows the last one and needs its zone. A line without an address in angle
 * brackets says nothing to git, not even a name.
 */
function parseIdentity(line: string): Identity {
  const open = line.indexOf("<");
  const close = open < 0 ? -1 : line.indexOf(">", open);
  if (close < 0) return { name: "", email: "", seconds: undefined, zone: "" };
  const date = line.slice(line.lastIndexOf(">") + 1);
  const { 1: seconds, 2: zone = "" } = /^\s*(\d+)\s*([+-]\d+)/.exec(date) ?? [];
  let nameEnd = open;
  while (nameEnd > 0 && isSpace(line.charCodeAt(nameEnd - 1))) nameEnd -= 1;
  return {
    name: line.slice(0, nameEnd),
    email: line.slice(open + 1, close),
    seconds: seconds === undefined ? undefined : Number(seconds),
    zone,
  };
}

const isSpace = (byte: number) => byte === 32 || byte === 9 || byte === LINE_FEED || byte === 13;
