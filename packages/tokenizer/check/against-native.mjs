// Compares the merges that this package learns with those of Hugging Face's native trainer
// (npm "tokenizers", installed into a temporary folder), on the files of each repository's HEAD:
//
//     npm run build && node check/against-native.mjs REPOSITORY…
//
// That trainer takes no options: 30,000 tokens, no special ones, of the bytes only those that occur,
// and a text is read line by line. So both get the same lines, and as many merges are compared as it
// makes. Then a vocabulary of 16,384 tokens is trained on the whole texts, and the CPU time told.
import { isUtf8 } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import {
  tokenizerJson,
  trainBpe,
  trainVocabulary,
  WordCounter,
  wordSplitter,
} from "@repotune/tokenizer";
import { headFiles } from "./head-files.mjs";
import { installPeers } from "./install-peers.mjs";

const load = installPeers("tokenizers@0.23.2");
const { Tokenizer } = load("tokenizers");
const folder = mkdtempSync(join(tmpdir(), "repotune-check-"));
const split = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);
const cpuSeconds = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

function nativeMerges(text) {
  const empty = tokenizerJson({ tokens: [], merges: [] }, []);
  const tokenizer = Tokenizer.fromString(JSON.stringify(empty));
  const [corpus, result] = ["corpus.txt", "native.json"].map((name) => join(folder, name));
  writeFileSync(corpus, text);
  tokenizer.train([corpus]);
  tokenizer.save(result);
  const { merges } = JSON.parse(readFileSync(result, "utf8")).model;
  return merges.map((merge) => (typeof merge === "string" ? merge : merge.join(" ")));
}

function count(parts) {
  const counter = new WordCounter({ maxLength: Number.POSITIVE_INFINITY });
  for (const part of parts) for (const word of split(part)) counter.add(word);
  return counter.counts;
}

let isDifferent = false;
for (const repository of process.argv.slice(2)) {
  for (const only of ["", ".rs"]) {
    const texts = headFiles(repository)
      .filter(({ path, bytes }) => path.endsWith(only) && isUtf8(bytes))
      .map(({ bytes }) => bytes.toString());
    const text = texts.join("\n");
    const expected = nativeMerges(text);
    const counts = count(text.match(/[^\n]*\n|[^\n]+$/g));
    const { merges } = trainBpe(counts, {
      vocabSize: 256 + expected.length,
      specialTokens: [],
      minFrequency: 1,
    });
    const first = expected.findIndex((merge, i) => merge !== merges[i]?.join(" "));
    if (first >= 0 || merges.length !== expected.length) isDifferent = true;

    const before = process.cpuUsage();
    const { model } = trainVocabulary(count(texts), { vocabSize: 16_384 });
    console.log(
      `${repository} *${only}: ${texts.length} files, ${(Buffer.byteLength(text) / 1e6).toFixed(1)} MB; ` +
        `${first < 0 ? expected.length : first} of ${expected.length} merges are equal; ` +
        `counting words and learning ${model.merges.length} merges of whole texts takes ` +
        `${cpuSeconds(before).toFixed(2)} CPU-seconds`,
    );
  }
}
rmSync(folder, { recursive: true });
if (isDifferent) process.exitCode = 1;
