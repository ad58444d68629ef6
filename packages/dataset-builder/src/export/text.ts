import { join } from "node:path";
import { throwIfAborted, writeFileAtomically } from "@repotune/schema";
import { documentExamples } from "./examples.ts";
import type { ExportedSide, TextJob } from "./export-job.ts";
import type { OpenSide } from "./open-dataset.ts";

/** Writes a side's documents as text, each closed by a line feed. */
export async function exportText(job: TextJob, side: OpenSide): Promise<ExportedSide> {
  const { options, context, text } = job;
  const name = `${side.side}.txt`;
  const exported: ExportedSide = { side: side.side, files: [], examples: 0, tokens: 0 };
  const written = await writeFileAtomically(join(options.outputDir, name), async (file) => {
    for await (const { ids } of documentExamples(side)) {
      throwIfAborted(context.signal);
      await file.write(`${text(ids)}\n`);
      exported.examples += 1;
      exported.tokens += ids.length;
      job.count(1);
    }
  });
  exported.files.push({ ...written, path: name });
  return exported;
}
