// One contestant of chunk.bench.mjs: reads a share of a history, and prints what it did as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { ObjectReader, openRepository } from "@repotune/git";
import { readCommits, readSidecar } from "@repotune/schema";
import { chunkCommits } from "@repotune/semantic-chunker";

const [name, path, commitsPath, share, peers] = process.argv.slice(2);
const NO_BLOB = /^0+$/;

/** What astchunk takes for a chunk's size by default, in characters that are not white space. */
const MAX_CHUNK = 2000;

const counts = { commits: 0, changes: 0, blobs: 0, bytes: 0, results: 0 };

/** The first commits of the history, counting the Rust files that they change and the new blobs. */
async function* firstCommits() {
  const { total_commits } = (await readSidecar(commitsPath)).metadata;
  const total = Math.ceil(Number(share) * total_commits);
  const seen = new Set();
  for await (const commit of readCommits(commitsPath)) {
    if (commit.commit_number >= total) break;
    counts.commits += 1;
    if (!commit.metadata.is_merge) {
      for (const { filename, patch, old_blob, new_blob } of commit.diffs) {
        if (!filename.endsWith(".rs") || patch === "") continue;
        counts.changes += 1;
        for (const id of [old_blob, new_blob]) if (!NO_BLOB.test(id)) seen.add(id);
      }
    }
    yield commit;
  }
  counts.blobs = seen.size;
}

/** Each version of each Rust file, once. */
async function* blobs(objects) {
  const seen = new Set();
  for await (const { metadata, diffs } of firstCommits()) {
    if (metadata.is_merge) continue;
    for (const { filename, patch, old_blob, new_blob } of diffs) {
      if (!filename.endsWith(".rs") || patch === "") continue;
      for (const id of [old_blob, new_blob]) {
        if (NO_BLOB.test(id) || seen.has(id)) continue;
        seen.add(id);
        const text = (await objects.read(id))?.toString();
        if (text === undefined) continue;
        counts.bytes += text.length;
        yield text;
      }
    }
  }
}

const contestants = {
  async chunker(objects) {
    for await (const chunk of chunkCommits(firstCommits(), {}, { objects })) {
      counts.results += 1;
      JSON.stringify(chunk);
    }
  },
  async uncached(objects) {
    for await (const chunk of chunkCommits(firstCommits(), {}, { objects, cacheBytes: 0 })) {
      counts.results += 1;
      JSON.stringify(chunk);
    }
  },
  /** Only parses. */
  async native(objects) {
    const load = createRequire(pathToFileURL(`${peers}/`));
    const Parser = load("tree-sitter");
    const parser = new Parser();
    parser.setLanguage(load("tree-sitter-rust"));
    for await (const text of blobs(objects)) {
      const tree = parser.parse((at) => text.slice(at, at + 8192));
      counts.results += tree.rootNode.childCount;
    }
  },
  /** Parses and packs nodes into chunks up to a size, as astchunk does; of diffs it knows nothing. */
  async wholeFiles(objects) {
    const { Language, Parser } = await import("web-tree-sitter");
    await Parser.init();
    const wasm = "@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm";
    const language = await Language.load(createRequire(import.meta.url).resolve(wasm));
    const parser = new Parser().setLanguage(language);
    for await (const text of blobs(objects)) {
      const tree = parser.parse(text);
      counts.results += pack(tree.rootNode, text).length;
      tree.delete();
    }
  },
};

/** The algorithm of cAST (arXiv 2506.15655): split what is too large, merge siblings greedily. */
function pack(node, text) {
  const chunks = [];
  let open;
  for (const child of node.children) {
    const size = text.slice(child.startIndex, child.endIndex).replace(/\s+/g, "").length;
    if (size > MAX_CHUNK) {
      open = undefined;
      chunks.push(...pack(child, text));
    } else if (open && open.size + size <= MAX_CHUNK) {
      open.size += size;
      open.end = child.endIndex;
    } else {
      open = { start: child.startIndex, end: child.endIndex, size };
      chunks.push(open);
    }
  }
  return chunks;
}

const repository = await openRepository(path);
const objects = ObjectReader.open(repository);
try {
  await contestants[name](objects);
} finally {
  await objects.close();
  await repository.close();
}
// KiB on every platform.
console.log(JSON.stringify({ ...counts, maxRss: process.resourceUsage().maxRSS * 1024 }));
