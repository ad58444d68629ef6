import { join } from "node:path";
import { throwIfAborted, writeFileAtomically } from "@repotune/schema";
import { documentExamples, rowExamples } from "./examples.ts";
import type { ExportedSide, TextJob } from "./export-job.ts";
import type { OpenSide } from "./open-dataset.ts";
import { promptLength } from "./prompt-length.ts";

/** Names of the sides' files: mlx-lm looks for these. */
const NAMES = { train: "train", validation: "valid", test: "test" } as const;

/**
 * Writes a side as lines of `{"prompt", "completion"}`: a document each, or a window's context and
 * target.
 */
export async function exportJsonl(job: TextJob, side: OpenSide): Promise<ExportedSide> {
  const { options, dataset, context, text } = job;
  const isCausal = dataset.description.objective === "causal";
  const name = `${NAMES[side.side]}.jsonl`;
  const exported: ExportedSide = { side: side.side, files: [], examples: 0, tokens: 0 };
  const written = await writeFileAtomically(join(options.outputDir, name), async (file) => {
    for await (const example of isCausal ? documentExamples(side) : rowExamples(side)) {
      throwIfAborted(context.signal);
      const at = isCausal ? promptLength(example, options.minLossWeight) : example.predictFrom;
      const prompt = text(example.ids.subarray(0, at));
      const completion = text(example.ids.subarray(at));
      await file.write(`${JSON.stringify({ prompt, completion })}\n`);
      exported.examples += 1;
      exported.tokens += example.ids.length;
      job.count(1);
    }
  });
  exported.files.push({ ...written, path: name });
  return exported;
}
