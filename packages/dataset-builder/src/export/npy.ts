import { join } from "node:path";
import {
  TOKEN_TENSORS,
  throwIfAborted,
  type WrittenFile,
  writeFileAtomically,
} from "@repotune/schema";
import { documentExamples } from "./examples.ts";
import type { ExportedSide, ExportJob } from "./export-job.ts";
import type { OpenSide } from "./open-dataset.ts";

/**
 * Writes a side's token stream for numpy's memory maps: `<side>.npy` with the ids,
 * `<side>_loss_weights.npy` with percents, `<side>_documents.npy` with the documents' offsets.
 */
export async function exportNpy(job: ExportJob, side: OpenSide): Promise<ExportedSide> {
  const { file, tokens, offsets, idType } = side;
  const documents = offsets.length - 1;
  const ids = async function* () {
    for await (const example of documentExamples(side)) {
      job.count(1);
      yield bytesOf(example.ids);
    }
  };
  const weights = async function* () {
    for await (const { lossWeights } of documentExamples(side)) yield lossWeights;
  };
  const starts = async function* () {
    yield bytesOf(await file.read(TOKEN_TENSORS.documentOffsets));
  };
  const write = (name: string, dtype: string, length: number, parts: AsyncIterable<Uint8Array>) =>
    writeNpy(job, `${side.side}${name}.npy`, dtype, length, parts);
  return {
    side: side.side,
    files: [
      await write("", idType === "U16" ? "<u2" : "<u4", tokens, ids()),
      await write("_loss_weights", "|u1", tokens, weights()),
      await write("_documents", "<i8", documents + 1, starts()),
    ],
    examples: documents,
    tokens,
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Writes one array in numpy's format 1.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
async function writeNpy(
  { options, context }: ExportJob,
  name: string,
  dtype: string,
  length: number,
  parts: AsyncIterable<Uint8Array>,
): Promise<WrittenFile> {
  const description = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${length},), }`;
  // Ten bytes come before it, and the data begins at a multiple of 64.
  const padded = description.padEnd(Math.ceil((description.length + 11) / 64) * 64 - 11, " ");
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(padded.length + 1, 8);
  const written = await writeFileAtomically(join(options.outputDir, name), async (file) => {
    await file.write(head);
    await file.write(`${padded}\n`);
    for await (const part of parts) {
      throwIfAborted(context.signal);
      await file.write(part);
    }
  });
  return { ...written, path: name };
}
