// Compares ids with those of @huggingface/tokenizers, of Hugging Face's native library (npm
// "tokenizers", installed into a temporary folder) and of llama.cpp (through node-llama-cpp), for a
// byte-level BPE vocabulary trained on the texts and for a SentencePiece vocabulary of its pieces:
//
//     npm run build && node check/against-others.mjs REPOSITORY…
//
// on every file of the repositories' HEADs and on 10,000 random byte strings. The others take text
// alone: what is not UTF-8 is given to all of them with U+FFFD in its place. That decoding gives the
// bytes back is checked on the bytes themselves.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tokenizer as JsTokenizer } from "@huggingface/tokenizers";
import { SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import {
  bytesEncoder,
  decodeBytes,
  encoderOf,
  loadGgufVocabulary,
  trainVocabulary,
  WordCounter,
  wordSplitter,
} from "@repotune/tokenizer";
import { headFiles } from "./head-files.mjs";
import { installPeers } from "./install-peers.mjs";
import { randomStrings } from "./random-strings.mjs";
import { sentencePieceVocabulary } from "./sentencepiece-vocabulary.mjs";
import { bpeVocabulary, llamaEncoder, writeVocabulary } from "./vocabulary-file.mjs";

const files = process.argv.slice(2).flatMap((repository) => headFiles(repository));
const strings = [
  ...files.map(({ path, bytes }) => ({ name: path, bytes })),
  ...Array.from(randomStrings(10_000), (bytes, i) => ({ name: `random string ${i}`, bytes })),
].map(({ name, bytes }) => ({ name, bytes, text: bytes.toString() }));
const megabytes = strings.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6;
console.log(`${files.length} files and 10,000 random byte strings, ${megabytes.toFixed(1)} MB`);

const split = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);
const counter = new WordCounter();
for (const { text } of strings.slice(0, files.length))
  for (const word of split(text)) counter.add(word);
const json = trainVocabulary(counter.counts, { vocabSize: 16_384 });
const bpe = encoderOf(json, "trained");

const folder = mkdtempSync(join(tmpdir(), "repotune-check-"));
const bpePath = join(folder, "bpe.gguf");
const piecesPath = join(folder, "sentencepiece.gguf");
await writeVocabulary(bpePath, bpeVocabulary(json));
const literals = ["        ", "▁▁▁▁", "\n\n", "return "];
await writeVocabulary(piecesPath, sentencePieceVocabulary(bpe.tokenBytes, { literals }));
const onNotice = (notice) => {
  throw new Error(notice);
};
const ggufBpe = await loadGgufVocabulary(bpePath, { onNotice });
const pieces = await loadGgufVocabulary(piecesPath, { onNotice });

// Without the special tokens, which they would look for in the text.
const plain = { ...json, added_tokens: [] };
const js = new JsTokenizer(plain, { clean_up_tokenization_spaces: false });
const { Tokenizer } = installPeers("tokenizers@0.23.2")("tokenizers");
const native = Tokenizer.fromString(JSON.stringify(plain));
const llamaBpe = await llamaEncoder(bpePath);
const llamaPieces = await llamaEncoder(piecesPath);

const comparisons = [
  {
    name: "BPE, @huggingface/tokenizers 0.2.0",
    ours: bpe,
    // JavaScript's \s, which it cuts with, has U+FEFF and lacks U+0085.
    isLeftOut: (text) => /[\u0085\ufeff]/.test(text),
    theirs: (text) => (text === "" ? [] : js.encode(text, { add_special_tokens: false }).ids),
  },
  {
    name: "BPE, tokenizers 0.23.2 (native)",
    ours: bpe,
    theirs: async (text) => (await native.encode(text, null, { addSpecialTokens: false })).getIds(),
  },
  { name: "BPE, llama.cpp (GGUF)", ours: ggufBpe, theirs: llamaBpe.encode },
  {
    name: "SentencePiece, llama.cpp (GGUF)",
    ours: pieces,
    // llama.cpp writes the word boundary's own character as a space.
    isLeftOut: (text) => text.includes("\u2581"),
    theirs: llamaPieces.encode,
  },
];
for (const { name, ours, theirs, isLeftOut = () => false } of comparisons) {
  const differing = [];
  let equal = 0;
  let leftOut = 0;
  for (const { name: string, text } of strings) {
    if (isLeftOut(text)) {
      leftOut += 1;
      continue;
    }
    const expected = await theirs(text);
    const actual = ours.encode(text);
    const isEqual =
      actual.length === expected.length && actual.every((id, i) => id === expected[i]);
    if (isEqual) equal += 1;
    else differing.push(string);
  }
  const compared = strings.length - leftOut;
  console.log(`${name}: ${equal} of ${compared} equal, ${leftOut} left out`);
  if (differing.length > 0) {
    console.log(`  differ: ${differing.slice(0, 10).join(", ")}`);
    process.exitCode = 1;
  }
}
for (const [name, encoder] of Object.entries({ BPE: bpe, SentencePiece: pieces })) {
  const encode = bytesEncoder(encoder);
  const kept = strings.filter(({ bytes }) => bytes.equals(decodeBytes(encoder, encode(bytes))));
  console.log(`${name}: decoding gives ${kept.length} of ${strings.length} byte strings back`);
  if (kept.length < strings.length) process.exitCode = 1;
}
await llamaBpe.dispose();
await llamaPieces.dispose();
rmSync(folder, { recursive: true });
