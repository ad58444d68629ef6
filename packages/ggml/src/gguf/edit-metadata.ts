import { StageError, throwIfAborted, type WrittenFile } from "@repotune/schema";
import { GgufFile } from "./file.ts";
import type { GgufTensorInfo } from "./tensor-info.ts";
import type { GgufValue } from "./value.ts";
import { GgufWriter } from "./writer.ts";

const COPY_BYTES = 8 << 20;

/**
 * Changes metadata of a GGUF file. It is written anew beside itself and takes its own place once it is
 * complete; the tensors stay as they are.
 *
 * @param changes new values by key; `undefined` removes a key. Changed keys keep their place, and new
 *   ones come last.
 * @throws {StageError} what {@link GgufFile.open} and {@link GgufWriter.create} throw; `E_UNSUPPORTED`
 *   for a split model; `E_INTERRUPTED`. The file is then as it was.
 */
export async function editMetadata(
  path: string,
  changes: Readonly<Record<string, GgufValue | undefined>>,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<WrittenFile> {
  const file = await GgufFile.open(path);
  try {
    if (file.paths.length > 1) {
      throw new StageError(
        "E_UNSUPPORTED",
        `${file.path} is one of ${file.paths.length} parts of a model.`,
        { hint: "Join them first: llama-gguf-split --merge FIRST_PART.gguf MERGED.gguf" },
      );
    }
    const metadata = new Map(file.metadata);
    for (const [key, value] of Object.entries(changes)) {
      if (value) metadata.set(key, value);
      else metadata.delete(key);
    }
    const writer = await GgufWriter.create(path, metadata, file.tensors.values());
    for (const info of file.tensors.values()) {
      await writer.write(info.name, pieces(file, info, signal));
    }
    await file.close(); // Windows does not replace a file that is open.
    return await writer.commit();
  } finally {
    await file.close();
  }
}

async function* pieces(file: GgufFile, info: GgufTensorInfo, signal: AbortSignal | undefined) {
  for (let at = 0; at < info.bytes; at += COPY_BYTES) {
    throwIfAborted(signal);
    yield await file.read(info, at, Math.min(at + COPY_BYTES, info.bytes));
  }
}
