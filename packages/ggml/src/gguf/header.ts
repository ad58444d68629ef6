import { StageError } from "@repotune/schema";
import { align, GGUF_MAGIC, GGUF_VERSION, MAX_ENTRIES, truncatedGguf } from "./format.ts";
import type { HeaderCursor } from "./header-cursor.ts";
import type { GgufMetadata } from "./metadata.ts";
import { alignmentOf, readMetadata } from "./read-metadata.ts";
import { type GgufTensorInfo, readTensorInfos } from "./tensor-info.ts";

/** All of a GGUF file but the tensors' data. */
export interface GgufHeader {
  /** Version of the format: 2 or 3. */
  version: number;
  metadata: GgufMetadata;
  /** Tensors by name, in the order of the file. */
  tensors: Map<string, GgufTensorInfo>;
  /** Where the data section starts in the file. */
  dataStart: number;
}

/** Reads and checks the header, and that the file is long enough for the tensors' data. */
export async function readHeader(cursor: HeaderCursor): Promise<GgufHeader> {
  const version = await readVersion(cursor);
  const tensorCount = await cursor.count(MAX_ENTRIES, "the list of tensors");
  const metadataCount = await cursor.count(MAX_ENTRIES, "the list of metadata");
  const metadata = await readMetadata(cursor, metadataCount);
  const alignment = alignmentOf(metadata);
  const tensors = await readTensorInfos(cursor, tensorCount, alignment);
  const dataStart = tensorCount > 0 ? align(cursor.position, alignment) : cursor.position;
  for (const { name, offset, bytes } of tensors.values()) {
    const end = dataStart + offset + bytes;
    if (end > cursor.fileBytes) {
      throw truncatedGguf(cursor.path, end, cursor.fileBytes, `the data of tensor "${name}"`);
    }
  }
  return { version, metadata, tensors, dataStart };
}

async function readVersion(cursor: HeaderCursor): Promise<number> {
  const magic = await cursor.bytes(Math.min(4, cursor.fileBytes), "the first four bytes");
  if (!GGUF_MAGIC.startsWith(magic.toString("latin1")) || magic.length === 0) {
    throw new StageError(
      "E_INPUT",
      `${cursor.path} is not a GGUF file: it starts with ${JSON.stringify(magic.toString("latin1"))}, not "${GGUF_MAGIC}".`,
      { hint: "A model in another format must be converted to GGUF first." },
    );
  }
  if (magic.length < 4) throw truncatedGguf(cursor.path, 24, magic.length, "the first four bytes");
  const version = await cursor.u32("the version");
  if (version === 2 || version === GGUF_VERSION) return version;
  const isBigEndian = version !== 0 && (version & 0xffff) === 0;
  throw new StageError(
    "E_UNSUPPORTED",
    isBigEndian
      ? `${cursor.path} is a big-endian GGUF file.`
      : `${cursor.path} is of GGUF version ${version}; versions 2 and ${GGUF_VERSION} can be read.`,
    { hint: "Get the model in a current GGUF file, or convert it anew." },
  );
}
