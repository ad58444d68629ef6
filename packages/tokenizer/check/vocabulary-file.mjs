// GGUF files that hold a vocabulary and no weights, read by llama.cpp.
import { GgufWriter } from "@repotune/ggml";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const string = (value) => ({ type: "string", value });
const u32 = (value) => ({ type: "u32", value });

/** Writes `tokenizer.ggml.*` entries into a file that llama.cpp takes for a model without weights. */
export async function writeVocabulary(path, entries) {
  const writer = await GgufWriter.create(
    path,
    [
      ["general.architecture", string("llama")],
      ["llama.context_length", u32(512)],
      ["llama.embedding_length", u32(32)],
      ["llama.block_count", u32(1)],
      ["llama.feed_forward_length", u32(32)],
      ["llama.attention.head_count", u32(1)],
      ["llama.attention.layer_norm_rms_epsilon", { type: "f32", value: 1e-5 }],
      ...entries,
    ],
    [],
  );
  await writer.commit();
}

/**
 * GGUF metadata of a byte-level BPE vocabulary.
 *
 * @param json a `tokenizer.json`.
 */
export function bpeVocabulary({ model, added_tokens }) {
  const tokens = Object.keys(model.vocab).sort((a, b) => model.vocab[a] - model.vocab[b]);
  const special = new Set(added_tokens.map(({ id }) => id));
  const types = Int32Array.from(tokens, (_, id) => (special.has(id) ? 3 : 1));
  const array = (elementType, value) => ({ type: "array", elementType, value });
  return [
    ["tokenizer.ggml.model", string("gpt2")],
    ["tokenizer.ggml.pre", string("qwen2")],
    ["tokenizer.ggml.tokens", array("string", tokens)],
    ["tokenizer.ggml.token_type", array("i32", types)],
    ["tokenizer.ggml.merges", array("string", model.merges)],
    ["tokenizer.ggml.eos_token_id", u32(model.vocab["<COMMIT_END>"])],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
  ];
}

/** llama.cpp's own encoder of a file's vocabulary. */
export async function llamaEncoder(path) {
  const llama = await getLlama({
    gpu: false,
    build: "never",
    progressLogs: false,
    logLevel: LlamaLogLevel.disabled,
  });
  const model = await llama.loadModel({ modelPath: path, vocabOnly: true });
  return { encode: (text) => model.tokenize(text, false), dispose: () => llama.dispose() };
}
