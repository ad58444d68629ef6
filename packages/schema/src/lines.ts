import { constants } from "node:buffer";
import { createReadStream } from "node:fs";
import { StageError } from "./error.ts";
import { inputError } from "./input-file.ts";

/** One line of a file, without its line feed. */
export interface Line {
  /** From 1. */
  number: number;
  text: string;
  /** Bytes of the file up to and including the line. */
  endOffset: number;
  /** Whether a line feed closed it; false only for a last line that was cut off. */
  isTerminated: boolean;
}

/**
 * Reads a UTF-8 file line by line, in memory bounded by its longest line.
 *
 * Splits at line feeds only: `node:readline` also splits at U+2028, which JSON strings may hold.
 *
 * @throws {StageError} `E_NOT_FOUND`, or `E_INPUT` for a line longer than a string can be.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let number = 0;
  let offset = 0;
  let parts: Buffer[] = [];
  let partBytes = 0;

  const take = (last: Buffer, isTerminated: boolean): Line => {
    number += 1;
    const bytes = partBytes + last.length;
    if (bytes > constants.MAX_STRING_LENGTH) {
      throw new StageError("E_INPUT", `${path} line ${number} is too long (${bytes} bytes).`);
    }
    const text = (parts.length === 0 ? last : Buffer.concat([...parts, last])).toString("utf8");
    parts = [];
    partBytes = 0;
    offset += bytes + (isTerminated ? 1 : 0);
    return { number, text, endOffset: offset, isTerminated };
  };

  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        yield take(chunk.subarray(start, end), true);
        start = end + 1;
      }
      if (start < chunk.length) {
        parts.push(chunk.subarray(start));
        partBytes += chunk.length - start;
      }
    }
  } catch (cause) {
    if (cause instanceof StageError) throw cause;
    throw inputError(path, cause);
  }
  if (partBytes > 0) yield take(Buffer.alloc(0), false);
}
