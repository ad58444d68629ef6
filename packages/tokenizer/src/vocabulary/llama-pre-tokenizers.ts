import { PRE_TOKENIZERS } from "@repotune/schema";

/** How llama.cpp cuts a text into words before BPE. */
export interface LlamaPreTokenizer {
  /** Regular expressions, each of which cuts what the one before it left. */
  patterns: readonly string[];
  /** Whether a word that is a token is that token, whatever its merges. */
  ignoresMerges: boolean;
}

const patternOf = (name: string): string =>
  PRE_TOKENIZERS.find((rule) => rule.name === name)?.pattern ?? "";

const gpt2 = patternOf("gpt-2");
const llama3 = patternOf("llama-bpe");
const qwen2 = patternOf("qwen2");

const families: [patterns: readonly string[], ignoresMerges: boolean, names: string][] = [
  [[gpt2], false, "gpt-2 phi-2 jina-es jina-de jina-v2-es jina-v2-de gigachat a.x-4.0 mellum"],
  [[gpt2], false, "modern-bert roberta-bpe jina-v1-en jina-v2-code exaone4 mpt olmo jais trillion"],
  [[llama3], true, "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2"],
  [[llama3], false, "dbrx smaug-bpe glm4 chatglm-bpe"],
  [[qwen2], false, "qwen2 deepseek-r1-qwen kormo f2llmv2 megrez stablelm2 hunyuan grok-2"],
  // StarCoder 2, Granite, Command R, SmolLM: each digit by itself, then as GPT-2.
  [
    ["\\p{N}", gpt2],
    false,
    "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2",
  ],
];

const byName = new Map<string, LlamaPreTokenizer>();
for (const [patterns, ignoresMerges, names] of families) {
  for (const name of names.split(" ")) byName.set(name, { patterns, ignoresMerges });
}

/**
 * The rule that llama.cpp follows for a value of `tokenizer.ggml.pre`, where this package can follow
 * it to the letter; `llm_tokenizer_bpe` in llama.cpp's src/llama-vocab.cpp has more.
 */
export const llamaPreTokenizer = (name: string): LlamaPreTokenizer | undefined => byName.get(name);
