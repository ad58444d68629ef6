// Compares the chunker's estimate of tokens, a token for every 4 bytes, with the tokens of a real
// vocabulary, o200k_base of gpt-tokenizer (MIT), which npm installs into a temporary folder:
//
//     node check/token-estimate.mjs CHUNKS.jsonl…
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChunkSchema, readJsonl } from "@repotune/schema";

const PACKAGE = "gpt-tokenizer@3.4.0";
const BYTES_PER_TOKEN = 4;

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("Usage: token-estimate.mjs CHUNKS.jsonl…");
const folder = mkdtempSync(join(tmpdir(), "repotune-estimate-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
execFileSync("npm", ["install", ...flags, "--prefix", folder, PACKAGE], { stdio: "ignore" });
const load = createRequire(join(folder, "index.js"));
const { countTokens } = load("gpt-tokenizer/encoding/o200k_base");

for (const file of files) {
  const all = { chunks: 0, bytes: 0, tokens: 0, ratios: [] };
  const groups = new Map();
  for await (const { language, old_code, new_code } of readJsonl(file, ChunkSchema)) {
    const code = new_code ?? old_code ?? "";
    const bytes = Buffer.byteLength(code);
    if (bytes < 64 * BYTES_PER_TOKEN) continue; // What limits are not about.
    const tokens = countTokens(code, { disallowedSpecial: new Set() });
    const group = groups.get(language) ?? { chunks: 0, bytes: 0, tokens: 0, ratios: [] };
    groups.set(language, group);
    for (const one of [all, group]) {
      one.chunks += 1;
      one.bytes += bytes;
      one.tokens += tokens;
      one.ratios.push(tokens / (bytes / BYTES_PER_TOKEN));
    }
  }
  console.log(
    `${file}: real tokens as a share of the estimate, chunks of at least 64 estimated tokens`,
  );
  report("all", all);
  const largest = [...groups].sort(([, a], [, b]) => b.chunks - a.chunks).slice(0, 5);
  for (const [language, group] of largest) report(language, group);
}

function report(name, { chunks, bytes, tokens, ratios }) {
  ratios.sort((a, b) => a - b);
  const at = (share) => {
    const ratio = ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))];
    return `${(100 * ratio).toFixed(0)} %`;
  };
  const total = `${(bytes / tokens).toFixed(2)} bytes a token`;
  const spread = `p5 ${at(0.05)}, p50 ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)}`;
  console.log(`  ${name}: ${chunks} chunks, ${total}; ${spread}`);
}
