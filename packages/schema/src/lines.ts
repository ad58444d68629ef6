import { constants } from "node:buffer";
import { open } from "node:fs/promises";
import { StageError } from "./error.ts";
import { inputError } from "./input-file.ts";

/** Bytes that are read at a time; a longer line makes it more. */
const BLOCK_BYTES = 1 << 20;

const LINE_FEED = 10;

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
  /** Bytes of the file before the block. */
  let before = 0;
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  /** Where the next line begins in the block, up to where it holds no line feed, and its end. */
  let [start, searched, end] = [0, 0, 0];

  const assertShort = (bytes: number) => {
    if (bytes <= constants.MAX_STRING_LENGTH) return;
    throw new StageError("E_INPUT", `${path} line ${number + 1} is too long (${bytes} bytes).`);
  };
  const take = (stop: number, isTerminated: boolean): Line => {
    assertShort(stop - start);
    const text = block.toString("utf8", start, stop);
    number += 1;
    start = stop + (isTerminated ? 1 : 0);
    searched = start;
    return { number, text, endOffset: before + start, isTerminated };
  };

  const file = await open(path).catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  try {
    for (;;) {
      const filled = block.subarray(0, end);
      for (let at = filled.indexOf(LINE_FEED, searched); at >= 0; ) {
        yield take(at, true);
        at = filled.indexOf(LINE_FEED, searched);
      }
      // The beginning of a line goes to the front, and what is read behind it.
      block.copyWithin(0, start, end);
      before += start;
      [start, end] = [0, end - start];
      searched = end;
      assertShort(end);
      if (end === block.length) {
        const larger = Buffer.allocUnsafe(2 * end);
        block.copy(larger);
        block = larger;
      }
      const { bytesRead } = await file.read(block, end, block.length - end);
      if (bytesRead === 0) break;
      end += bytesRead;
    }
  } catch (cause) {
    if (cause instanceof StageError) throw cause;
    throw inputError(path, cause);
  } finally {
    await file.close();
  }
  if (end > 0) yield take(end, false);
}
