import { existsSync } from "node:fs";
import { messageOf, type StageContext, StageError, throwIfAborted } from "@repotune/schema";
import { nodeLlamaCpp } from "./open-llama.ts";

/** Where models are looked for, and where from. */
export interface ResolveBaseOptions {
  /** @default node-llama-cpp's own, `~/.node-llama-cpp/models` */
  directory?: string | undefined;
  /** @default `HF_ENDPOINT`, or https://huggingface.co/ */
  endpoint?: string | undefined;
}

/** Longest wait for the first answer of the server. */
const ANSWER_TIMEOUT_MS = 15_000;

/**
 * The path of a model named by an `hf:` URI (`hf:user/model:quantisation` or
 * `hf:user/model/file.gguf`), which is downloaded unless it is in the cache. Anything else is taken
 * for a path and must exist.
 *
 * @throws {StageError} `E_USAGE` for a malformed URI; `E_NOT_FOUND` if there is no such file or
 *   model, or no connection; `E_INTERRUPTED`.
 */
export async function resolveBaseModel(
  base: string,
  context: StageContext = {},
  {
    directory,
    endpoint = process.env.HF_ENDPOINT ?? "https://huggingface.co/",
  }: ResolveBaseOptions = {},
): Promise<string> {
  if (!base.startsWith("hf:")) {
    if (existsSync(base)) return base;
    throw new StageError("E_NOT_FOUND", `There is no base model ${base}.`, {
      hint: "Give the path of a GGUF file, or an hf: URI.",
    });
  }
  const location = repositoryFile(base, endpoint);
  const { resolveModelFile } = await nodeLlamaCpp();
  const common = {
    ...(directory !== undefined && { directory }),
    cli: false,
    endpoints: { huggingFace: endpoint },
  };
  const { signal, onProgress } = context;
  try {
    return await resolveModelFile(base, { ...common, download: false });
  } catch {
    // Not in the cache. Any other failure shows again below.
  }
  if (location) await checkAnswer(base, location, signal);
  try {
    return await resolveModelFile(base, {
      ...common,
      ...(signal && { signal }),
      onProgress: ({ totalSize, downloadedSize }) =>
        onProgress?.({ stage: "download", done: downloadedSize, total: totalSize, unit: "bytes" }),
    });
  } catch (cause) {
    throwIfAborted(signal);
    throw unavailable(base, messageOf(cause), cause);
  }
}

/** Address of the very file that a URI names, if it names one. */
function repositoryFile(uri: string, endpoint: string): string | undefined {
  const match = /^hf:(?:\/\/)?([^/:#]+)\/([^/:#]+)(?::[^/]+|\/([^#]+?)(?:#(.+))?)?$/.exec(uri);
  if (!match) {
    throw new StageError("E_USAGE", `"${uri}" is no hf: URI.`, {
      hint: "Write hf:user/model:quantisation or hf:user/model/file.gguf.",
    });
  }
  const [, user = "", model = "", file, branch = "main"] = match;
  if (file === undefined) return undefined;
  const path = file.split("/").map(encodeURIComponent).join("/");
  return new URL(`${user}/${model}/resolve/${encodeURIComponent(branch)}/${path}`, endpoint).href;
}

/** The downloader tries for ever where there is no connection or no such file, hence this question. */
async function checkAnswer(uri: string, url: string, signal: AbortSignal | undefined) {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  let status: number;
  try {
    const answer = await fetch(url, {
      method: "HEAD",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    status = answer.status;
  } catch (cause) {
    throwIfAborted(signal);
    throw unavailable(uri, `${url} does not answer: ${messageOf(cause)}`, cause);
  }
  // 401 and 403 may turn out well with the access token that the downloader looks for.
  if (status >= 400 && status !== 401 && status !== 403) {
    throw unavailable(uri, `${url} answers ${status}`);
  }
}

const unavailable = (uri: string, why: string, cause?: unknown) =>
  new StageError("E_NOT_FOUND", `${uri} is not in the cache and cannot be downloaded: ${why}`, {
    hint: "Check the name and the connection, or give the path of a GGUF file you have.",
    cause,
  });
