import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PreTokenizer, SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import { temporaryFolder } from "./temporary-folder.ts";

/** Structural tokens that tests need; a real vocabulary has more. */
const STRUCTURE = [
  "<PAD>",
  "<UNK>",
  "<NEWLINE>",
  "<COMMIT_START>",
  "<COMMIT_END>",
  "<FILE_START>",
  "<FILE_END>",
  "<CODE_START>",
  "<CODE_END>",
  "<CHANGE:new_function>",
];

const DEFAULT_TEXT =
  'pub fn main() {\n    let value = self.store.get(&key)?;\n    println!("{value}");\n}\n\n' +
  "impl Store {\n    /// Returns the value.\n    pub fn get(&self, key: &str) -> Option<Value> {\n" +
  "        self.map.get(key).cloned()\n    }\n}\n";

/**
 * Writes a real `tokenizer.json`, byte-level BPE as trained on a repository, learned from `text` in
 * the plainest way.
 *
 * @param merges how many merges to learn, at most.
 * @param rule how text is cut into words.
 * @returns its path.
 */
export function tinyTokenizer({
  text = DEFAULT_TEXT,
  merges = 200,
  rule = SCRATCH_PRE_TOKENIZER,
  folder = temporaryFolder(),
}: {
  text?: string;
  merges?: number;
  rule?: PreTokenizer;
  folder?: string;
} = {}): string {
  const alphabet = byteAlphabet();
  const vocab: Record<string, number> = {};
  for (const token of STRUCTURE) vocab[token] = Object.keys(vocab).length;
  for (const character of [...alphabet].sort()) vocab[character] = Object.keys(vocab).length;
  const learned = learnMerges(text, rule, alphabet, merges);
  for (const [left, right] of learned) vocab[left + right] = Object.keys(vocab).length;
  const split = { type: "Split", behavior: "Isolated", invert: false };
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false };
  const json = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: STRUCTURE.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { ...split, pattern: { Regex: rule.pattern } },
        { ...byteLevel, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { ...byteLevel, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      // llama.cpp does so for this rule.
      ignore_merges: rule.name === "llama-bpe",
      vocab,
      merges: learned,
    },
  };
  const path = join(folder, "tokenizer.json");
  writeFileSync(path, JSON.stringify(json));
  return path;
}

/** GPT-2's characters for the 256 bytes. */
function byteAlphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(printable ? byte : next++);
  });
}

/** Joins the most frequent pair, again and again; ties go to the pair that comes first. */
function learnMerges(text: string, rule: PreTokenizer, alphabet: readonly string[], count: number) {
  const pattern = new RegExp(rule.pattern, "gu");
  const words = [...text.matchAll(pattern)].map(([word]) =>
    Array.from(Buffer.from(word), (byte) => alphabet[byte] ?? ""),
  );
  const merges: [string, string][] = [];
  while (merges.length < count) {
    const pairs = new Map<string, { left: string; right: string; times: number }>();
    for (const word of words) {
      word.forEach((left, i) => {
        const right = word[i + 1];
        if (right === undefined) return;
        const pair = pairs.get(`${left} ${right}`) ?? { left, right, times: 0 };
        pair.times++;
        pairs.set(`${left} ${right}`, pair);
      });
    }
    let best = { left: "", right: "", times: 1 };
    for (const pair of pairs.values()) if (pair.times > best.times) best = pair;
    if (best.times < 2) break;
    merges.push([best.left, best.right]);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === best.left && word[i + 1] === best.right) {
          word.splice(i, 2, best.left + best.right);
        }
      }
    }
  }
  return merges;
}
