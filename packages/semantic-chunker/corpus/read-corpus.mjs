/**
 * Reads what the corpus holds: labels, and the commits that they label as a scraper would give them,
 * with the git objects that belong to them.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

const NO_BLOB = "0".repeat(40);

/** Labels, commits and objects of each repository, by its folder's name. */
export function readCorpus(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => {
      const repository = name.slice(0, -".jsonl".length);
      const data = readFileSync(join(folder, repository, "commits.jsonl.br"));
      const objects = new Map();
      const commits = parseLines(brotliDecompressSync(data).toString()).map((record, number) =>
        commitOf(record, number, objects),
      );
      const labels = parseLines(readFileSync(join(folder, name), "utf8"));
      return { repository, labels, commits, objects: { read: async (id) => objects.get(id) } };
    });
}

const parseLines = (text) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

function commitOf({ commit, files, nearby }, commit_number, objects) {
  const after = new Map(nearby.map(({ filename, text }) => [filename, text ?? ""]));
  for (const file of files) if (file.new !== null) after.set(file.filename, file.new);
  const { hash, parents, author_date, subject, body } = commit;
  const metadata = {
    hash,
    abbrev_hash: hash.slice(0, 12),
    tree_hash: addTree(objects, after, ""),
    author: "",
    author_email: "",
    timestamp: author_date,
    timestamp_unix: Date.parse(author_date) / 1000,
    message: subject,
    message_body: body.trim(),
    parents,
    is_merge: false,
    files_changed: files.length,
  };
  return { commit_number, metadata, diffs: files.map((file) => diffOf(file, objects)) };
}

function diffOf({ filename, old_filename, change_type, patch, old, new: fresh }, objects) {
  const lines = patch.split("\n");
  return {
    filename,
    old_filename,
    change_type,
    similarity: null,
    old_mode: "100644",
    new_mode: "100644",
    old_blob: old === null ? NO_BLOB : addObject(objects, "blob", Buffer.from(old)),
    new_blob: fresh === null ? NO_BLOB : addObject(objects, "blob", Buffer.from(fresh)),
    additions: lines.filter((line) => line.startsWith("+")).length,
    deletions: lines.filter((line) => line.startsWith("-")).length,
    patch,
    is_binary: false,
    is_truncated: false,
  };
}

/** Adds the tree of the files under `prefix`, with all that it names; returns its id. */
function addTree(objects, files, prefix) {
  const entries = new Map();
  for (const [path, text] of files) {
    if (!path.startsWith(prefix)) continue;
    const [name, ...rest] = path.slice(prefix.length).split("/");
    if (entries.has(name)) continue;
    const isFolder = rest.length > 0;
    const id = isFolder
      ? addTree(objects, files, `${prefix}${name}/`)
      : addObject(objects, "blob", Buffer.from(text));
    entries.set(name, [
      Buffer.from(`${isFolder ? 40000 : 100644} ${name}\0`),
      Buffer.from(id, "hex"),
    ]);
  }
  return addObject(objects, "tree", Buffer.concat([...entries.values()].flat()));
}

function addObject(objects, type, data) {
  const id = createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
  objects.set(id, data);
  return id;
}
