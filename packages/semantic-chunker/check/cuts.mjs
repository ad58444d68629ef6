// Prints how long the chunks of a file are, and where long units are cut: before what tree-sitter
// takes for a statement, an arm, a field, an element or a comment; or elsewhere. Shares with the
// chunker only the grammars.
//
//     npm run build && node check/cuts.mjs REPOSITORY CHUNKS.jsonl…
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { ChunkSchema, readJsonl } from "@repotune/schema";
import { Language, Parser } from "web-tree-sitter";

const [path, ...files] = process.argv.slice(2);
if (!path || files.length === 0) throw new Error("Usage: cuts.mjs REPOSITORY CHUNKS.jsonl…");

const GRAMMARS = {
  ...{ rust: "rust", python: "python", typescript: "typescript", tsx: "tsx", go: "go" },
  ...{ javascript: "javascript", java: "java", c: "cpp", cpp: "cpp", shell: "bash" },
};
const require = createRequire(import.meta.url);
await Parser.init();
const parsers = new Map();

async function parse(language, text) {
  const grammar = GRAMMARS[language];
  if (!parsers.has(grammar)) {
    const wasm = require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`);
    parsers.set(grammar, new Parser().setLanguage(await Language.load(wasm)));
  }
  return parsers.get(grammar).parse(text);
}

/** Bytes that a chunk may have by default. */
const MAX_BYTES = 512 * 4;

/** What begins on a line: an element of some list, or a comment; or what it is in the middle of. */
function placeOf(tree, text, line) {
  const column = text.split("\n", line)[line - 1]?.search(/\S/) ?? -1;
  if (column < 0) return "a blank line";
  const position = { row: line - 1, column };
  const startsAt = ({ startPosition: { row, column } }) =>
    row === position.row && column === position.column;
  let node = tree.rootNode.descendantForPosition(position);
  if (!startsAt(node)) return inside(node);
  while (node.parent?.parent && startsAt(node.parent)) node = node.parent;
  if (isComment(node))
    return isContinued(node.previousSibling, node) ? inside(node) : "a statement";
  if (/string/.test(node.parent?.type ?? "")) return inside(node.parent);
  const siblings = node.parent?.children ?? [];
  const index = siblings.findIndex((sibling) => sibling.id === node.id);
  const field = index < 0 || index > 2000 ? null : node.parent.fieldNameForChild(index);
  const isElement = node.isNamed && (field === null || field === "member");
  return isElement ? "a statement" : "the rest of a statement";
}

/** The middle of a string or a comment, and whether that is too long for one chunk. */
function inside(node) {
  if (!isComment(node) && !/string|heredoc/.test(node.type)) return "the rest of a statement";
  let [first, last] = [node, node];
  while (isComment(first) && isContinued(first.previousSibling, first))
    first = first.previousSibling;
  while (isComment(last) && isContinued(last, last.nextSibling)) last = last.nextSibling;
  const isLong = last.endIndex - first.startIndex > MAX_BYTES;
  return `the rest of a ${isComment(node) ? "comment" : "string"}${isLong ? " longer than a chunk" : ""}`;
}

/** Whether the second of two comments goes on where the first ends. */
const isContinued = (a, b) =>
  isComment(a) &&
  isComment(b) &&
  b.startPosition.row - a.endPosition.row <= (a.endPosition.column === 0 ? 0 : 1);

const isComment = (node) => /comment/.test(node?.type ?? "");

for (const file of files) await report(file);

async function report(file) {
  const sizes = [];
  const cuts = new Map();
  let merged = 0;
  let units = 0;
  let last = { key: "", text: "", tree: undefined };
  for await (const chunk of readJsonl(file, ChunkSchema)) {
    const { part, language, line_range, members } = chunk;
    sizes.push(Math.max(...[chunk.old_code, chunk.new_code].map((code) => tokens(code))));
    if (members) {
      merged += 1;
      units += members.length;
    }
    if (!part || part.index === 0 || !GRAMMARS[language] || chunk.kind === "hunk") continue;
    const side = line_range.new ? "new" : "old";
    const name = side === "new" ? chunk.file_path : (chunk.old_file_path ?? chunk.file_path);
    const key = `${chunk.commit_hash}${side === "new" ? "" : "^"}:${name}`;
    if (last.key !== key) {
      last.tree?.delete();
      const text = show(key);
      last = { key, text, tree: text === undefined ? undefined : await parse(language, text) };
    }
    if (!last.tree) continue;
    const place = placeOf(last.tree, last.text, line_range[side][0]);
    cuts.set(place, (cuts.get(place) ?? 0) + 1);
  }
  last.tree?.delete();
  sizes.sort((a, b) => a - b);
  const at = (share) =>
    Math.ceil(sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))]);
  console.log(`${file}: ${sizes.length} chunks, ${merged} of them of ${units} units`);
  console.log(
    `  estimated tokens p10 ${at(0.1)} p50 ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)} max ${at(1)}`,
  );
  const total = [...cuts.values()].reduce((sum, count) => sum + count, 0);
  for (const [place, count] of [...cuts].sort((a, b) => b[1] - a[1])) {
    console.log(`  cuts before ${place}: ${count} (${((100 * count) / total).toFixed(1)} %)`);
  }
}

function tokens(code) {
  return code === null ? 0 : Buffer.byteLength(code) / 4;
}

function show(key) {
  const options = { encoding: "utf8", maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] };
  try {
    return execFileSync("git", ["-C", path, "show", key], options);
  } catch {
    return undefined; // A patch against the parent of a root, or another parent.
  }
}
