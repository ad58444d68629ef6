import type { Random } from "./random.ts";

/** What to make mutations of. */
export interface Corpus {
  /** Real inputs. */
  inputs: readonly Buffer[];
  /** Pieces that mean something to whoever reads the inputs. */
  tokens: readonly string[];
}

const MAX_MUTATIONS = 4;
const MAX_REPEATS = 40;
/** Repeats of repeats would grow beyond what there is time for. */
const MAX_BYTES = 1 << 20;

/** A real input with one to four things wrong with it. */
export function mutate({ inputs, tokens }: Corpus, random: Random): Buffer {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] as T;
  let bytes: Buffer = Buffer.from(pick(inputs));
  for (let left = 1 + random.below(MAX_MUTATIONS); left > 0; left -= 1) {
    const start = random.below(bytes.length + 1);
    const end = Math.min(
      bytes.length,
      start + 1 + random.below(random.below(2) ? 8 : bytes.length + 1),
    );
    const parts = (...middle: Buffer[]) =>
      Buffer.concat([bytes.subarray(0, start), ...middle, bytes.subarray(end)]);
    const found = bytes.subarray(start, end);
    const kind = random.below(7);
    if (kind === 0) bytes = flipBit(bytes, random);
    else if (kind === 1) bytes = parts();
    else if (kind === 2) bytes = bytes.subarray(0, start);
    else if (kind === 3) bytes = parts(found, ...Array(random.below(MAX_REPEATS)).fill(found));
    else if (kind === 4) {
      const other = pick(inputs);
      const from = random.below(other.length + 1);
      bytes = parts(other.subarray(from, from + random.below(400)));
    } else if (kind === 5) bytes = parts(Buffer.from(pick(tokens), "latin1"), found);
    else bytes = changeNumber(bytes, start, random);
    bytes = bytes.subarray(0, MAX_BYTES);
  }
  return bytes;
}

/** The same bytes in pieces, as a pipe may deliver them. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const largest = 1 + random.below(random.below(2) ? 8 : bytes.length + 1);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(largest);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = (copy[at] as number) ^ (1 << random.below(8));
  return copy;
}

/** Puts another number in the place of the next one. */
function changeNumber(bytes: Buffer, start: number, random: Random): Buffer {
  const text = bytes.toString("latin1");
  const number = /\d+/.exec(text.slice(start, start + 200));
  if (!number) return bytes;
  const numbers = ["0", "1", "-1", "65536", "4294967296", "9".repeat(30), "1e9", "0x10", ""];
  const from = start + number.index;
  const other = numbers[random.below(numbers.length)] as string;
  return Buffer.from(text.slice(0, from) + other + text.slice(from + number[0].length), "latin1");
}
