import type { Readable } from "node:stream";

/** The lines of a stream of short latin1 lines, such as object ids. */
export async function* readLatin1Lines(stream: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
