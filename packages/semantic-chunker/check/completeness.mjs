/**
 * Proves from plain git that no changed line is lost or told twice: reads a `chunks.jsonl` and the
 * `chunking_stats.json` beside it, asks git for every commit's patches and blobs, and uses nothing
 * of the chunker's. One pass, bounded memory.
 *
 *     node check/completeness.mjs CHUNKS REPOSITORY [--newest N]
 *
 * For history that was scraped with default options, and cut without `--secrets drop`:
 *
 * - each file change has either no chunk, and there are as many of these as `skipped_files` says, or
 *   each of its added and removed lines is in exactly one chunk, with git's line numbers and text;
 * - a chunk's `additions` and `deletions` are those of its patch, and lines shown unchanged are so;
 * - the old blob, changed as the chunks say, is the new blob, byte for byte. Where the file is not
 *   UTF-8, where lines hold U+FFFD, character for character; where secrets are masked, save for what
 *   the mask stands for;
 * - `old_code` and `new_code` stand in the file where `line_range` says, save for a licence header
 *   of `header_lines` lines;
 * - `members` lie in their chunk in order, and have its additions and deletions together;
 * - the code of an added file's chunks, header included, has as many lines that are not blank as the
 *   blob, and the same ones.
 *
 * Where a unit came from another file, a hunk is of `file_path` if it adds lines and of
 * `old_file_path` if it only removes some, unless these lines are changed in the other one alone.
 * Exits with 1 if anything is wrong.
 *
 * --newest  check the last N commits only; files without chunks are then not counted
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { chunkGroups } from "./chunk-groups.mjs";
import { compareCode } from "./compare-code.mjs";
import { FileCheck, hunksOf, linesOf } from "./compare-file.mjs";
import { changesOf } from "./git-changes.mjs";
import { isLine } from "./masks.mjs";
import { PlainGit } from "./plain-git.mjs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { newest: { type: "string" } },
});
const [path, repository] = positionals;
if (repository === undefined) {
  console.error("usage: completeness.mjs CHUNKS REPOSITORY [--newest N]");
  process.exit(2);
}

const counts = {};
const errors = new Map();
const git = new PlainGit(repository);
const blobs = git.blobs();
try {
  await check();
} finally {
  blobs.close();
  git.close();
}
for (const [name, count] of Object.entries(counts)) {
  console.log(`${count.toLocaleString("en").padStart(12)}  ${name}`);
}
for (const [what, { count, where }] of errors) {
  console.log(`${count.toLocaleString("en").padStart(12)}  WRONG: ${what}, first in ${where}`);
}
const { user, system } = process.cpuUsage();
console.log(
  `${errors.size === 0 ? "complete" : "NOT COMPLETE"}, ${Math.round((user + system) / 1e6)} s of CPU`,
);
process.exitCode = errors.size > 0 ? 1 : 0;

function count(name, by = 1) {
  counts[name] = (counts[name] ?? 0) + by;
}

function wrong(what, where) {
  const known = errors.get(what);
  if (known) known.count += 1;
  else errors.set(what, { count: 1, where });
}

async function check() {
  const history = git.history();
  const stats = JSON.parse(readFileSync(join(dirname(path), "chunking_stats.json"), "utf8"));
  if (stats.commits !== history.length) wrong(`commits counted: ${stats.commits}`, path);
  const newest = values.newest === undefined ? history : history.slice(-Number(values.newest));
  const ids = new Set(newest.map(({ id }) => id));
  const groups = chunkGroups(path);
  let group = (await groups.next()).value;
  const nextGroup = async () => (group = (await groups.next()).value);
  while (group && !ids.has(group[0].commit_hash)) await nextGroup();
  let files = 0;
  let skipped = 0;
  let position = 0;
  for await (const changes of changesOf(git, newest)) {
    const { id, parents } = newest[position++];
    count("commits");
    files += changes.length;
    const isOwn = group?.[0].commit_hash === id;
    const found = isOwn ? await checkCommit(id, changes, group) : 0;
    skipped += changes.length - found;
    const isLeftOut = parents.length > 1 && !stats.options.include_merges;
    if (isLeftOut && found > 0) wrong("a merge with chunks", id);
    if (isOwn) await nextGroup();
  }
  if (position !== newest.length) wrong(`git answered for ${position} commits`, path);
  if (group) wrong("a commit that the repository lacks, or out of order", group[0].commit_hash);
  count("file changes", files);
  count("file changes without chunks", skipped);
  if (values.newest !== undefined) return;
  const said = Object.values(stats.skipped_files).reduce((sum, n) => sum + n, 0);
  if (said !== skipped) wrong(`files skipped without a word: ${skipped}, not ${said}`, path);
  if (stats.files !== files) wrong(`file changes counted: ${stats.files}`, path);
}

/** @returns how many of the files have chunks. */
async function checkCommit(id, changes, chunks) {
  const files = changes.map((change) => new FileCheck(change));
  const byPath = new Map();
  const byOldPath = new Map();
  for (const file of files) {
    const { old, new: fresh, letter } = file.change;
    byPath.set(fresh.path, file);
    if (letter !== "C") byOldPath.set(old.path, file);
  }
  const places = new Map(files.map((file) => [file, []]));
  for (const chunk of chunks) {
    const own = byPath.get(chunk.file_path);
    if (!own) {
      wrong("a chunk of a file that did not change", chunk.chunk_id);
      continue;
    }
    const from = chunk.old_file_path ?? chunk.file_path;
    const other = from === own.change.old.path ? own : byOldPath.get(from);
    if (!other) wrong("an old_file_path that did not change", chunk.chunk_id);
    takePatch(chunk, own, other ?? own);
    places.get(own).push({ chunk, side: "new" });
    places.get(other ?? own).push({ chunk, side: "old" });
  }
  let found = 0;
  for (const file of files) {
    if (file.missing === file.lines) continue;
    found += 1;
    count("changed lines", file.lines);
    if (file.missing > 0) wrong("a changed line in no chunk", `${id} ${file.change.new.path}`);
    else await checkTexts(`${id} ${file.change.new.path}`, file, places.get(file));
  }
  return found;
}

function takePatch(chunk, own, other) {
  count("chunks");
  const hunks = hunksOf(chunk.patch);
  if (!hunks) {
    wrong("a patch that is not well formed", chunk.chunk_id);
    return;
  }
  const changed = hunks.flatMap(({ rows }) => rows);
  for (const [sign, name] of Object.entries({ "+": "additions", "-": "deletions" })) {
    if (changed.filter((row) => row.sign === sign).length !== chunk[name]) {
      wrong(`${name} that are not those of the patch`, chunk.chunk_id);
    }
  }
  if (chunk.members) checkMembers(chunk);
  for (const { rows } of hunks) {
    const [likely, unlikely] = rows.some(({ sign }) => sign === "+") ? [own, other] : [other, own];
    const file = isOf(likely, rows) ? likely : unlikely;
    for (const row of rows) {
      const problem = file.take(row);
      if (problem) wrong(problem, `${chunk.chunk_id} ${chunk.file_path}`);
      if (row.sign === " " || problem) continue;
      const [side, line] = row.sign === "+" ? ["new", row.new] : ["old", row.old];
      const range = chunk.line_range[side];
      const isInside = range && line >= range[0] && line <= range[1];
      if (isInside) continue;
      count(
        `${isText(row.text) ? "lines with text" : "blank lines"} outside their chunk's line_range`,
      );
    }
  }
}

/** The units that share a chunk lie in it, one behind the other, and have its counts. */
function checkMembers({ chunk_id, members, line_range, additions, deletions }) {
  count("chunks that several units share");
  const sum = (name) => members.reduce((total, member) => total + member[name], 0);
  if (sum("additions") !== additions || sum("deletions") !== deletions) {
    wrong("members whose counts are not the chunk's", chunk_id);
  }
  for (const side of ["old", "new"]) {
    let next = line_range[side]?.[0] ?? 1;
    for (const { line_range: own } of members) {
      if (!own[side]) continue;
      const isInside = own[side][0] >= next && own[side][1] <= (line_range[side]?.[1] ?? 0);
      if (!isInside) wrong("members that do not lie in their chunk, in order", chunk_id);
      next = own[side][1] + 1;
    }
  }
}

/** Whether all these rows are changes of `file` that nobody has yet. */
function isOf(file, rows) {
  return rows.every(({ sign, text, old, new: fresh }) => {
    if (sign === " ") return file.change.context.has(fresh);
    const [real, taken, line] =
      sign === "-"
        ? [file.change.removed, file.removed, old]
        : [file.change.added, file.added, fresh];
    return real.has(line) && !taken.has(line) && isLine(text, real.get(line));
  });
}

/** Rebuilds the new file, and finds the code of chunks in both. */
async function checkTexts(where, file, places) {
  const { old, new: fresh } = file.change;
  const oldBytes = await read(old);
  const newBytes = await read(fresh);
  if (!oldBytes || !newBytes) {
    count("files of which a blob is missing");
    return;
  }
  const oldText = oldBytes.toString("utf8");
  const newText = newBytes.toString("utf8");
  const rebuilt = file.rebuild(oldText);
  if (Buffer.from(rebuilt, "utf8").equals(newBytes)) count("files rebuilt byte for byte");
  else if (rebuilt === newText) count("files rebuilt character for character");
  else if (isEqualMasked(rebuilt, newText)) count("files rebuilt save for masked secrets");
  else wrong("a file that is not what its chunks make of the old one", where);
  const lines = { old: linesOf(oldText), new: linesOf(newText) };
  for (const { chunk, side } of places) {
    const header = chunk.header_lines?.[side] ?? 0;
    const code = chunk[`${side}_code`];
    const problem = compareCode(code, chunk.line_range[side], header, lines[side]);
    if (problem) wrong(`${side}_code: ${problem}`, `${chunk.chunk_id} ${where}`);
  }
  if (file.change.letter === "A") checkAdded(where, lines.new, places);
}

async function read({ mode, blob }) {
  if (/^0+$/.test(mode)) return Buffer.alloc(0);
  return /^1[02]0/.test(mode) ? blobs.read(blob) : Buffer.from(`Subproject commit ${blob}\n`);
}

function isEqualMasked(rebuilt, text) {
  const own = rebuilt.split("\n");
  const real = text.split("\n");
  return own.length === real.length && own.every((line, index) => isLine(line, real[index]));
}

/** The code of all units of an added file is the file. */
function checkAdded(where, lines, places) {
  const own = places.filter(({ side, chunk }) => side === "new" && chunk.new_code !== null);
  const code = own.flatMap(({ chunk }) => chunk.new_code.split("\n")).filter(isText);
  const header = own.reduce((sum, { chunk }) => sum + (chunk.header_lines?.new ?? 0), 0);
  const real = lines.filter(isText);
  const rest = new Map();
  for (const line of real) rest.set(line, (rest.get(line) ?? 0) + 1);
  let unknown = 0;
  for (const line of code) {
    const left = rest.get(line) ?? 0;
    if (left > 0) rest.set(line, left - 1);
    else if (!line.includes("<SECRET:")) unknown += 1;
  }
  const left = real.length - code.length;
  if (unknown > 0 || left < 0 || left > header) {
    wrong("an added file whose units are not its text", where);
  } else count("added files that are the text of their units");
}

function isText(line) {
  return /\S/.test(line);
}
