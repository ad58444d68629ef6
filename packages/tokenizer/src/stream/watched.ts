import { type StageContext, throwIfAborted } from "@repotune/schema";
import type { RenderedDocument } from "./render-history.ts";

/**
 * Passes documents on, reports how far in the history they are, and stops once the work is aborted.
 *
 * @throws {StageError} `E_INTERRUPTED`.
 */
export async function* watched(
  documents: AsyncIterable<RenderedDocument>,
  total: number,
  unit: string,
  { signal, onProgress }: StageContext,
): AsyncGenerator<RenderedDocument> {
  let reported = -1;
  for await (const document of documents) {
    throwIfAborted(signal);
    if (document.commitNumber !== reported) {
      reported = document.commitNumber;
      onProgress?.({ stage: "tokenizer", done: reported, total, unit });
    }
    yield document;
  }
  onProgress?.({ stage: "tokenizer", done: total, total, unit });
}
