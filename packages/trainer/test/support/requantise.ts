import { type GgmlType, GgufFile, GgufWriter, quantizeRows } from "@repotune/ggml";

/** Writes a copy of an F32 model with its matrices in another type. */
export async function requantise(path: string, type: GgmlType): Promise<string> {
  const copy = path.replace(/\.gguf$/, `-${type}.gguf`);
  const file = await GgufFile.open(path);
  const typeOf = (shape: readonly number[]): GgmlType => (shape.length > 1 ? type : "F32");
  const tensors = [...file.tensors.values()];
  const writer = await GgufWriter.create(
    copy,
    file.metadata,
    tensors.map(({ name, shape }) => ({ name, shape, type: typeOf(shape) })),
  );
  for (const { name, shape } of tensors) {
    const values = new Float32Array((await file.read(name)).buffer);
    const [columns = 1, rows = 1] = shape;
    await writer.write(name, quantizeRows(typeOf(shape), values, rows, columns));
  }
  await writer.commit();
  await file.close();
  return copy;
}
