import { GgufFile } from "../../src/gguf/file.ts";
import { splitName } from "../../src/gguf/split-name.ts";
import type { GgufValue } from "../../src/gguf/value.ts";
import { GgufWriter } from "../../src/gguf/writer.ts";

/**
 * Splits a GGUF file as `llama-gguf-split` does: all metadata in the first part, the tensors in order.
 *
 * @param counts tensors of each part.
 * @returns the parts' paths.
 */
export async function splitGguf(
  path: string,
  prefix: string,
  counts: readonly number[],
): Promise<string[]> {
  const file = await GgufFile.open(path);
  const tensors = [...file.tensors.values()];
  const paths: string[] = [];
  let at = 0;
  for (const [number, count] of counts.entries()) {
    const part = tensors.slice(at, at + count);
    at += count;
    const metadata: [string, GgufValue][] = [
      ...(number === 0 ? file.metadata : []),
      ["split.no", { type: "u16", value: number }],
      ["split.tensors.count", { type: "i32", value: tensors.length }],
      ["split.count", { type: "u16", value: counts.length }],
    ];
    const name = splitName({ prefix, number, count: counts.length });
    const writer = await GgufWriter.create(name, metadata, part);
    for (const info of part) await writer.write(info.name, await file.read(info));
    await writer.commit();
    paths.push(name);
  }
  await file.close();
  return paths;
}
