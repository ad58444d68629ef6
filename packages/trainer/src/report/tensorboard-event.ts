import { crc32c } from "./crc32c.ts";

/** What a TensorBoard event says: what the file is, where a session starts, or a few numbers. */
export type EventContent =
  | { fileVersion: string }
  /** Readers forget events of earlier files from this step on. */
  | { sessionStart: true }
  | { scalars: Readonly<Record<string, number>> };

/** Wire types of protocol buffers (https://protobuf.dev/programming-guides/encoding). */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** `SessionLog.SessionStatus.START` */
const START = 1;
/** Added to rotated checksums, so that a checksum of checksums is no trivial number. */
const MASK = 0xa282ead8;

/**
 * An event as a record of a TensorBoard event file: length, its checksum, data, its checksum
 * (TFRecord, tensorflow/core/lib/io/record_writer.h). The data is the message `Event` of
 * tensorflow/core/util/event.proto.
 *
 * @param wallSeconds seconds since 1970.
 */
export function eventRecord(wallSeconds: number, step: number, content: EventContent): Buffer {
  const data = Buffer.concat([double(1, wallSeconds), varintField(2, step), contentField(content)]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

function contentField(content: EventContent): Buffer {
  if ("fileVersion" in content) return bytesField(3, Buffer.from(content.fileVersion));
  if ("sessionStart" in content) return bytesField(7, varintField(1, START));
  const values = Object.entries(content.scalars).map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), float(2, value)])),
  );
  return bytesField(5, Buffer.concat(values)); // Summary, of one Value for each tag
}

function maskedChecksum(bytes: Uint8Array): Buffer {
  const checksum = crc32c(bytes);
  const rotated = ((checksum >>> 15) | (checksum << 17)) >>> 0;
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((rotated + MASK) % 2 ** 32);
  return masked;
}

const tag = (field: number, wireType: number) => varint(field * 8 + wireType);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const varintField = (field: number, value: number) =>
  Buffer.concat([tag(field, VARINT), varint(value)]);

const bytesField = (field: number, bytes: Uint8Array) =>
  Buffer.concat([tag(field, LENGTH_DELIMITED), varint(bytes.length), bytes]);

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, FIXED_64), bytes]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, FIXED_32), bytes]);
}
