// Compares this package's encoders with others on the same vocabulary and texts, in the same run:
//
//     npm run build && node bench/encode.bench.mjs REPOSITORY [MEGABYTES]
//
// The texts are files of the repository's HEAD, evenly chosen. Each encoder begins with nothing
// cached; the second pass finds cached what the first has met, as the middle of a history does. Time
// is the process's CPU time, that of native threads included. tiktoken and the native tokenizers are
// installed into a temporary folder. Ids must be equal, or the run ends.
import { isUtf8 } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tokenizer as JsTokenizer } from "@huggingface/tokenizers";
import { SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import {
  encoderOf,
  loadGgufVocabulary,
  trainVocabulary,
  WordCounter,
  wordSplitter,
} from "@repotune/tokenizer";
import { headFiles } from "../check/head-files.mjs";
import { installPeers } from "../check/install-peers.mjs";
import { sentencePieceVocabulary } from "../check/sentencepiece-vocabulary.mjs";
import { bpeVocabulary, llamaEncoder, writeVocabulary } from "../check/vocabulary-file.mjs";

const [repository, megabytes = "6"] = process.argv.slice(2);
if (!repository) throw new Error("Usage: encode.bench.mjs REPOSITORY [MEGABYTES]");

// Without the two spaces that JavaScript's \s sees in another way, and U+2581, a space in llama.cpp.
const all = headFiles(repository)
  .filter(({ bytes }) => isUtf8(bytes))
  .map(({ bytes }) => bytes.toString().replaceAll(/[\u0085\ufeff\u2581]/g, ""))
  .filter((text) => text !== "");
const split = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);
const counter = new WordCounter();
for (const text of all) for (const word of split(text)) counter.add(word);
const json = trainVocabulary(counter.counts, { vocabSize: 16_384 });

const total = all.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
const step = Math.max(1, Math.round(total / (Number(megabytes) * 1e6)));
const texts = all.filter((_, i) => i % step === 0);
const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;

const folder = mkdtempSync(join(tmpdir(), "repotune-bench-"));
const path = (name) => join(folder, name);
await writeVocabulary(path("bpe.gguf"), bpeVocabulary(json));
const { tokenBytes } = encoderOf(json, "trained");
await writeVocabulary(path("pieces.gguf"), sentencePieceVocabulary(tokenBytes));

const load = installPeers("tokenizers@0.23.2", "tiktoken@1.0.22");
const plain = { ...json, added_tokens: [] };
const js = new JsTokenizer(plain, { clean_up_tokenization_spaces: false });
const native = load("tokenizers").Tokenizer.fromString(JSON.stringify(plain));
const firstId = json.added_tokens.length;
const ranks = tokenBytes.slice(firstId).map((bytes) => Buffer.from(bytes).toString("base64"));
const { Tiktoken } = load("tiktoken");
const tiktoken = new Tiktoken(`! ${firstId} ${ranks.join(" ")}`, {}, SCRATCH_PRE_TOKENIZER.pattern);
const llamaBpe = await llamaEncoder(path("bpe.gguf"));
const llamaPieces = await llamaEncoder(path("pieces.gguf"));
const pieces = await loadGgufVocabulary(path("pieces.gguf"));

const tables = {
  "byte-level BPE": {
    "@huggingface/tokenizers 0.2.0": (text) => js.encode(text, { add_special_tokens: false }).ids,
    "tokenizers 0.23.2 (native)": async (text) =>
      (await native.encode(text, null, { addSpecialTokens: false })).getIds(),
    "llama.cpp (node-llama-cpp 3.22.1)": llamaBpe.encode,
    "tiktoken 1.0.22": (text) => tiktoken.encode_ordinary(text),
    "@repotune/tokenizer": encoderOf(json, "trained").encode,
  },
  SentencePiece: {
    "llama.cpp (node-llama-cpp 3.22.1)": llamaPieces.encode,
    "@repotune/tokenizer": pieces.encode,
  },
};

/** MB a CPU-second of one pass over all texts. */
async function speed(encode) {
  const before = process.cpuUsage();
  for (const text of texts) await encode(text);
  const { user, system } = process.cpuUsage(before);
  return size / ((user + system) / 1e6);
}

console.log(`${texts.length} files, ${size.toFixed(1)} MB; MB a CPU-second, first and second pass`);
for (const [table, encoders] of Object.entries(tables)) {
  const speeds = [];
  for (const [name, encode] of Object.entries(encoders)) {
    speeds.push({ name, first: await speed(encode), second: await speed(encode) });
  }
  const [peer] = speeds;
  console.log(`\n| ${table} | first pass | second pass | times ${peer.name} |\n|---|---|---|---|`);
  for (const { name, first, second } of speeds) {
    const times = `${(first / peer.first).toFixed(1)}, ${(second / peer.second).toFixed(1)}`;
    console.log(`| ${name} | ${first.toFixed(1)} | ${second.toFixed(1)} | ${times} |`);
  }
  for (const text of texts.filter((_, i) => i % 10 === 0)) {
    const ids = await Promise.all(Object.values(encoders).map((encode) => encode(text)));
    const [expected, ...others] = ids.map((found) => Array.from(found).join());
    if (others.some((found) => found !== expected)) {
      throw new Error(`Ids differ for ${JSON.stringify(text.slice(0, 80))}.`);
    }
  }
}
await llamaBpe.dispose();
await llamaPieces.dispose();
rmSync(folder, { recursive: true });
