import { join } from "node:path";
import type { GgufValue } from "@repotune/ggml";
import { SafetensorsWriter } from "@repotune/schema";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { renderPrompt, STRUCTURE_TOKENS } from "@repotune/tokenizer";
import { expect, test } from "vitest";
import { promptStyle } from "../src/generate/prompt-style.ts";

/** A model whose vocabulary has the special tokens, of a `llama_token_type`, and one of text. */
const modelWith = (special: readonly string[], type: number) => {
  const tokens = [...special, "a"];
  const types = Int32Array.from(tokens, (token) => (token === "a" ? 1 : type));
  const vocabulary: [string, GgufValue][] = [
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "array", elementType: "i32", value: types }],
  ];
  return tinyModel({ vocabulary, layers: 1 });
};

async function tokensWith(options: object): Promise<string> {
  const path = join(temporaryFolder(), "tokens.safetensors");
  const writer = new SafetensorsWriter(path);
  await writer.append("tokens", "U16", new Uint16Array(1));
  await writer.commit({ schema_version: "1.0.0", options: JSON.stringify(options) });
  return path;
}

const prompt = { message: "Log every read", file: "a.rs", month: "03" } as const;

test("a model from scratch is prompted in its tokens, as its documents were rendered", async () => {
  const model = await modelWith(STRUCTURE_TOKENS, 3);
  const style = await promptStyle(model, await tokensWith({ rendering: "hierarchical" }));
  expect(renderPrompt(prompt, style)).toBe(
    "<COMMIT_START><MONTH:03><MESSAGE_START>Log every read<MESSAGE_END><FILE_START>a.rs<FILE_END>",
  );
});

test("a base is prompted in plain text, and the tokens it has for files", async () => {
  const tokens = await tokensWith({});
  const coder = await promptStyle(await modelWith(["<|file_sep|>"], 4), tokens);
  expect(renderPrompt(prompt, coder)).toBe("commit: Log every read\n<|file_sep|>a.rs\n");
  const other = await promptStyle(await modelWith(["</s>"], 3), tokens);
  expect(renderPrompt(prompt, other)).toBe("commit: Log every read\nfile: a.rs\n");
});
