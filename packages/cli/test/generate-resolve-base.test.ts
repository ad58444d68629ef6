import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GgufFile } from "@repotune/ggml";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, onTestFinished, test } from "vitest";
import { resolveBaseModel } from "../src/generate/resolve-base.ts";

/** A server that has `user/model` with the file `tiny.gguf`, as Hugging Face would offer it. */
async function modelHub() {
  const bytes = readFileSync(await tinyModel());
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    requests.push(`${method} ${url}`);
    if (url.startsWith("/v2/user/model/manifests/")) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ggufFile: { rfilename: "tiny.gguf", size: bytes.length } }));
      return;
    }
    if (!url.startsWith("/user/model/resolve/main/tiny.gguf")) {
      response.writeHead(404).end();
      return;
    }
    const [, start, end] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
    const part = bytes.subarray(Number(start ?? 0), end ? Number(end) + 1 : undefined);
    response.writeHead(start === undefined ? 200 : 206, {
      "accept-ranges": "bytes",
      "content-length": part.length,
      etag: createHash("sha1").update(bytes).digest("hex"),
      ...(start !== undefined && {
        "content-range": `bytes ${start}-${Number(start) + part.length - 1}/${bytes.length}`,
      }),
    });
    response.end(method === "HEAD" ? undefined : part);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/`, requests };
}

test.each(["hf:user/model/tiny.gguf", "hf:user/model:F32"])(
  "%s is downloaded once",
  async (uri) => {
    const { endpoint, requests } = await modelHub();
    const options = { directory: temporaryFolder(), endpoint };
    const progress: { done: number; total?: number | undefined }[] = [];
    const path = await resolveBaseModel(
      uri,
      { onProgress: (seen) => progress.push(seen) },
      options,
    );
    const file = await GgufFile.open(path);
    await file.close();
    expect(file.metadata.string("general.architecture")).toBe("llama");
    expect(progress.at(-1)).toMatchObject({ stage: "download", unit: "bytes" });

    const count = requests.length;
    expect(await resolveBaseModel(uri, {}, options)).toBe(path);
    expect(requests).toHaveLength(count);
  },
);

test("a path is left as it is", async () => {
  const path = await tinyModel();
  expect(await resolveBaseModel(path)).toBe(path);
});

test.each<[string, string, string]>([
  ["/nowhere/model.gguf", "E_NOT_FOUND", "no base model /nowhere/model.gguf"],
  ["hf:nonsense", "E_USAGE", '"hf:nonsense" is no hf: URI'],
  ["hf:", "E_USAGE", '"hf:" is no hf: URI'],
  ["hf:user/model/absent.gguf", "E_NOT_FOUND", "absent.gguf answers 404"],
  ["hf:user/other:Q4_K_M", "E_NOT_FOUND", '"Q4_K_M" for model "hf:user/other"'],
])("%s: %s", async (uri, code, message) => {
  const { endpoint } = await modelHub();
  const options = { directory: temporaryFolder(), endpoint };
  await expect(resolveBaseModel(uri, {}, options)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test.each(["hf:user/model/tiny.gguf", "hf:user/model:F32"])(
  "%s without a connection",
  async (uri) => {
    // Port 9 discards; nothing listens there on a loopback address.
    const options = { directory: temporaryFolder(), endpoint: "http://127.0.0.1:9/" };
    await expect(resolveBaseModel(uri, {}, options)).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      message: expect.stringContaining(`${uri} is not in the cache and cannot be downloaded`),
      hint: expect.stringContaining("connection"),
    });
  },
);

test("an interruption", async () => {
  const { endpoint } = await modelHub();
  const options = { directory: temporaryFolder(), endpoint };
  const promise = resolveBaseModel(
    "hf:user/model/tiny.gguf",
    { signal: AbortSignal.abort() },
    options,
  );
  await expect(promise).rejects.toMatchObject({ code: "E_INTERRUPTED" });
});
