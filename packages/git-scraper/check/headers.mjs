import { isUtf8 } from "node:buffer";

const TRAILERS = "%(trailers:only=true,unfold=true,separator=%x1e,key_value_separator=%x1f)";
const FIELDS = [
  ...["%H", "%T", "%P", "%an", "%ae", "%at", "%aI", "%cn", "%ce", "%ct", "%cI", "%e"],
  ...["%s", "%b", "%aN", "%aE", TRAILERS],
];

/** What git's own formats say of every commit, as text. */
export async function* formats(git, ids) {
  const args = ["--root", "--always", "-s", "--encoding=UTF-8", `--format=${FIELDS.join("%x00")}`];
  for await (const answer of git.diffTree(args, ids)) {
    const values = answer.toString().replace(/\n$/, "").split("\0");
    yield Object.fromEntries(FIELDS.map((field, index) => [field, values[index]]));
  }
}

/** Every commit object, exactly. */
export async function* objects(git, ids) {
  const child = git.stream(["cat-file", "--batch"], lines(ids));
  let bytes = Buffer.alloc(0);
  for await (const chunk of child.stdout) {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const end = bytes.indexOf(10);
      if (end < 0) break;
      const size = Number(bytes.toString("latin1", 0, end).split(" ")[2]);
      if (bytes.length < end + size + 2) break;
      yield bytes.subarray(end + 1, end + 1 + size);
      bytes = bytes.subarray(end + size + 2);
    }
  }
}

function* lines(ids) {
  for (const id of ids) yield `${id}\n`;
}

/** Compares a commit's metadata with git's formats and with the raw object. */
export function compareMetadata(tally, where, metadata, said, object) {
  const compare = (field, expected) => tally.compare(field, where, metadata[field], expected);
  compare("tree_hash", said["%T"]);
  // Not %P, which at the edge of a shallow clone is empty.
  compare("parents", parentsOf(object));
  compare("abbrev_hash", metadata.hash.slice(0, 12));
  compare("author", said["%an"]);
  compare("author_email", said["%ae"]);
  compareDate(tally, where, metadata, "timestamp", said["%at"], said["%aI"]);
  compare("committer", said["%cn"]);
  compare("committer_email", said["%ce"]);
  compareDate(tally, where, metadata, "commit_timestamp", said["%ct"], said["%cI"]);
  compare("encoding", said["%e"] === "" || /^utf-?8$/i.test(said["%e"]) ? null : said["%e"]);
  compareMessage(tally, where, metadata, said, messageOf(object));
  compare("is_merge", metadata.parents.length > 1);
  if (metadata.trailers !== undefined) compare("trailers", trailers(said[TRAILERS]));
  if (metadata.co_authors !== undefined) compare("co_authors", coAuthors(said[TRAILERS]));
}

function compareMessage(tally, where, metadata, said, message) {
  const { message: subject, message_body: body, message_bytes } = metadata;
  if (message.includes(0)) {
    // For git a message ends at its first NUL.
    tally.compare("message", where, subject.split("\0")[0].trimEnd(), said["%s"]);
    const cut = subject.includes("\0") ? "" : body.split("\0")[0];
    tally.compare("message_body", where, cut, said["%b"]);
  } else {
    tally.compare("message", where, subject, said["%s"]);
    tally.compare("message_body", where, body, said["%b"]);
  }
  const isText = said["%e"] !== "" || isUtf8(message);
  if (message_bytes !== undefined || !isText) {
    const found = Buffer.from(message_bytes ?? "", "base64");
    tally.compareBytes("message_bytes", where, found, message);
  }
}

function parentsOf(object) {
  const [head = ""] = object.toString("latin1").split(/^(?!tree |parent )/m, 1);
  return [...head.matchAll(/^parent (.*)$/gm)].map(([, id]) => id);
}

const messageOf = (object) => {
  const blank = object.indexOf("\n\n");
  return object[0] === 10 || blank < 0 ? object.subarray(1) : object.subarray(blank + 2);
};

/** The last second that a date of JavaScript, less a time zone, can hold. */
const LAST_SECOND = 8.64e12 - 86_400;

/** Seconds as git prints them; undefined for none, and for more than any reader of JSON can hold. */
export const secondsOf = (text) =>
  text === "" || Number(text) > LAST_SECOND ? undefined : Number(text);

function compareDate(tally, where, metadata, field, unix, iso) {
  const seconds = secondsOf(unix);
  tally.compare(`${field}_unix`, where, metadata[`${field}_unix`], seconds ?? 0);
  if (seconds === undefined) tally.compare(field, where, metadata[field], null);
  else if (Number.isNaN(Date.parse(iso))) {
    // For git, +9999 is an offset, and 99:99 a time; a reader of ISO 8601 needs another form.
    tally.compare(`${field} (instant)`, where, Date.parse(metadata[field]) / 1000, seconds);
  } else tally.compare(field, where, metadata[field], iso.replace(/Z$/, "+00:00"));
}

const trailers = (text) =>
  (text === "" ? [] : text.split("\u001e")).map((trailer) => {
    const [key, ...value] = trailer.split("\u001f");
    return { key, value: value.join("\u001f") };
  });

const coAuthors = (text) =>
  trailers(text)
    .filter(({ key }) => /^co-authored-by$/i.test(key))
    .map(({ value }) => /^(.*?)\s*<([^>]*)>/.exec(value))
    .filter(Boolean)
    .map(([, name, email]) => ({ name, email }));
