import { type StageContext, StageError, throwIfAborted } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import type { LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { checkAdapter } from "./check-adapter.ts";
import { inspectModel, type ModelHeader } from "./inspect-model.ts";
import { createSequence, loadModel, openLlama } from "./open-llama.ts";
import { type GenerateOptions, GenerateOptionsSchema, type GenerateSettings } from "./options.ts";
import { TextStream } from "./text-stream.ts";
import { type TokenBytes, tokenBytes } from "./token-bytes.ts";

/**
 * The prompt is read in pieces, so that an interruption is noticed in between: about a second each
 * for a model of 7 billion weights on a processor.
 */
const PROMPT_PIECE = 128;

/** How a generation ended. */
export interface GenerationEnd {
  promptTokens: number;
  generatedTokens: number;
  /** The model closed the document; or `maxTokens` were made; or the context is full. */
  stopReason: "end" | "max_tokens" | "context";
}

/**
 * Lets a model go on from a prompt.
 *
 * Yields text as it comes; structure appears by the names of its tokens. Ends where the model ends
 * the document (`<COMMIT_END>` for vocabularies trained on a repository), which is not part of the
 * text. An empty prompt begins a document.
 *
 * @throws {StageError} `E_USAGE` for an impossible option; `E_NOT_FOUND`, `E_TRUNCATED`, `E_INPUT`
 *   and `E_UNSUPPORTED` for files that cannot be used; `E_MISMATCH` for an adapter of another base;
 *   `E_INPUT` for a prompt longer than the context; `E_MEMORY`; `E_INTERRUPTED`.
 */
export async function* generate(
  options: GenerateOptions,
  context: StageContext = {},
): AsyncGenerator<string, GenerationEnd, void> {
  const settings = readOptions(GenerateOptionsSchema, options);
  const { signal } = context;
  throwIfAborted(signal);
  const header = await inspectModel(settings.model);
  if (settings.adapter !== undefined) await checkAdapter(settings.adapter, header);

  const llama = await openLlama(settings.gpu);
  const model = await loadModel(llama, header, signal);
  try {
    const prompt = promptTokens(model, settings.prompt);
    const size = contextSize(header, prompt.length, settings, context);
    const sequence = await createSequence(model, size, settings, signal);
    const limit = Math.min(settings.maxTokens, size - prompt.length);
    const text = new TextStream(tokenBytes(header.metadata) ?? detokenized(model));
    await readPrompt(sequence, prompt.slice(0, -1), context);
    let generated = 0;
    let stopReason: GenerationEnd["stopReason"] = "end";
    // The last token of the prompt is left for here: the first prediction comes from it.
    const { temperature, topK, topP, seed } = settings;
    const sampling = { temperature, topK, topP, seed };
    for await (const token of sequence.evaluate(prompt.slice(-1), sampling)) {
      throwIfAborted(signal);
      generated++;
      context.onProgress?.({ stage: "generate", done: generated, total: limit, unit: "tokens" });
      const piece = text.push(token);
      if (piece !== "") yield piece;
      if (generated < limit) continue;
      stopReason = limit < settings.maxTokens ? "context" : "max_tokens";
      break;
    }
    throwIfAborted(signal);
    const rest = text.finish();
    if (rest !== "") yield rest;
    if (stopReason === "context") {
      context.onNotice?.(
        `The text was ended after ${generated} tokens because the context of ${size} is full.`,
      );
    }
    return { promptTokens: prompt.length, generatedTokens: generated, stopReason };
  } finally {
    await model.dispose();
  }
}

/** llama.cpp's own way from ids to text. */
const detokenized =
  (model: LlamaModel): TokenBytes =>
  (token) =>
    Buffer.from(model.detokenize([token as Token], true));

function promptTokens(model: LlamaModel, prompt: string): Token[] {
  const tokens = model.tokenize(prompt, true);
  const { bos, shouldPrependBosToken } = model.tokens;
  const needsStart = tokens.length === 0 || (shouldPrependBosToken && tokens[0] !== bos);
  if (needsStart && bos !== null) return [bos, ...tokens];
  if (tokens.length > 0) return tokens;
  throw new StageError(
    "E_INPUT",
    "The prompt is empty, and the model has no token to start with.",
    { hint: "Give a prompt." },
  );
}

/** Tokens to make room for: no more than are needed, since room takes memory. */
function contextSize(
  { path, contextLength }: ModelHeader,
  promptLength: number,
  { context: asked, maxTokens }: GenerateSettings,
  { onNotice }: StageContext,
): number {
  const size = asked ?? Math.min(promptLength + maxTokens, contextLength);
  if (promptLength >= size) {
    throw new StageError(
      "E_INPUT",
      `The prompt has ${promptLength} tokens, which leaves no room in a context of ${size}.`,
      {
        hint:
          size < contextLength
            ? `Allow more context, up to the model's ${contextLength}, or shorten the prompt.`
            : "Shorten the prompt.",
      },
    );
  }
  if (size > contextLength) {
    onNotice?.(
      `${path} was trained for ${contextLength} tokens of context; beyond them its text gets worse.`,
    );
  }
  return size;
}

async function readPrompt(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  { signal }: StageContext,
): Promise<void> {
  for (let start = 0; start < tokens.length; start += PROMPT_PIECE) {
    throwIfAborted(signal);
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(start, start + PROMPT_PIECE));
  }
}
