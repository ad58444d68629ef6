// Compares this package's encoder with @huggingface/tokenizers on the same vocabulary and texts, in
// the same run, and checks that the ids are equal:
//
//     npm run build && node bench/encode.bench.mjs TOKENIZER.json CHUNKS.jsonl [ROUNDS]
//
// Both are made with the first tenth of the texts behind them, so that words are cached as they are
// in the middle of a history. CPU is that of this process.
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { ChunkSchema, readJsonl } from "@repotune/schema";
import { loadTokenizerJson } from "@repotune/tokenizer";

const [tokenizerPath, chunksPath, rounds = "3"] = process.argv.slice(2);
if (!tokenizerPath || !chunksPath) throw new Error("Usage: encode.bench.mjs TOKENIZER CHUNKS");
const texts = [];
let bytes = 0;
for await (const { new_code: code } of readJsonl(chunksPath, ChunkSchema)) {
  // What looks like structure is structure to the library.
  if (code === null || /<[A-Z_]+[:>]/.test(code)) continue;
  texts.push(code);
  bytes += Buffer.byteLength(code);
  if (bytes > 4e6) break;
}

const ours = await loadTokenizerJson(tokenizerPath);
const json = JSON.parse(readFileSync(tokenizerPath, "utf8"));
const theirs = new Tokenizer(json, { clean_up_tokenization_spaces: false });
const encoders = {
  "@huggingface/tokenizers": (text) => theirs.encode(text, { add_special_tokens: false }).ids,
  "@repotune/tokenizer": (text) => ours.encode(text),
};

for (const text of texts.slice(0, texts.length / 10)) {
  const [expected, actual] = Object.values(encoders).map((encode) => encode(text).join());
  if (expected !== actual) throw new Error(`Ids differ for ${JSON.stringify(text)}.`);
}

const best = new Map();
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [name, encode] of Object.entries(encoders)) {
    const before = process.cpuUsage();
    for (const text of texts) encode(text);
    const { user, system } = process.cpuUsage(before);
    best.set(name, Math.min(best.get(name) ?? Infinity, (user + system) / 1e6));
  }
}

const [[, peer]] = best;
console.log(`${texts.length} texts, ${(bytes / 1e6).toFixed(1)} MB, best of ${rounds} rounds`);
for (const [name, seconds] of best) {
  const speed = `${(bytes / 1e6 / seconds).toFixed(1)} MB/s`;
  console.log(`${name.padEnd(24)} ${speed}, ${(peer / seconds).toFixed(1)} times the peer's speed`);
}
