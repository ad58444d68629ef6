import { crc32c } from "../../src/report/crc32c.ts";

/** A TensorBoard event. */
export interface ReadEvent {
  wallSeconds: number;
  step: number;
  fileVersion: string | undefined;
  isSessionStart: boolean;
  values: Record<string, number>;
}

/** Fields of a protocol buffers message: number, and its value's bytes or a number. */
type Field = readonly [number: number, value: Buffer | number];

/**
 * Reads an event file, from the descriptions of its formats: records of length, masked CRC32C of the
 * length, data, masked CRC32C of the data (https://www.tensorflow.org/tutorials/load_data/tfrecord),
 * and `Event` in tensorflow/core/util/event.proto.
 */
export function readEvents(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    checkSum(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    const data = file.subarray(at + 12, at + 12 + length);
    checkSum(data, file.readUInt32LE(at + 12 + length));
    events.push(eventIn(data));
    at += length + 16;
  }
  return events;
}

function checkSum(bytes: Buffer, masked: number): void {
  const rotated = (masked - 0xa282ead8) >>> 0;
  const checksum = ((rotated >>> 17) | (rotated << 15)) >>> 0;
  if (checksum !== crc32c(bytes)) throw new Error("The checksum does not fit.");
}

function eventIn(data: Buffer): ReadEvent {
  const fields = new Map(fieldsOf(data));
  const summary = fields.get(5) as Buffer | undefined;
  const log = fields.get(7) as Buffer | undefined;
  return {
    wallSeconds: (fields.get(1) as Buffer).readDoubleLE(),
    step: fields.get(2) as number,
    fileVersion: fields.get(3)?.toString(),
    isSessionStart: log !== undefined && new Map(fieldsOf(log)).get(1) === 1,
    values: Object.fromEntries(
      (summary ? fieldsOf(summary) : []).map(([, value]) => {
        const parts = new Map(fieldsOf(value as Buffer));
        return [String(parts.get(1)), (parts.get(2) as Buffer).readFloatLE()];
      }),
    ),
  };
}

function fieldsOf(data: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = data.readUInt8(at++);
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) {
      fields.push([Math.floor(tag / 8), varint()]);
      continue;
    }
    const length = wireType === 1 ? 8 : wireType === 5 ? 4 : varint();
    fields.push([Math.floor(tag / 8), data.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}
