import { dirname, join } from "node:path";
import {
  type Chunk,
  ChunkSchema,
  type Evaluation,
  fileSize,
  readJsonFile,
  readJsonl,
  type TrainingReport,
  TrainingReportSchema,
} from "@repotune/schema";
import type { Reporter } from "@repotune/schema/command";
import { renderPrompt } from "@repotune/tokenizer";
import { generate } from "../generate/generate.ts";
import { promptStyle } from "../generate/prompt-style.ts";
import type { Wiring } from "./wiring.ts";

/** Long enough for a path, a module and a small function; short enough to wait for. */
const SAMPLE_TOKENS = 256;

/**
 * Tells how a run ended: what training gained, and one change that the model makes up for the
 * message and the folder of the newest unit, which it has not seen.
 */
export async function closeRun({ out, base }: Wiring, reporter: Reporter): Promise<void> {
  const report = await readJsonFile(
    join(out, "model", "training_report.json"),
    TrainingReportSchema,
  );
  const trained = join(out, "model", report.output);
  reporter.info(`\n${await describe(report, trained)}`);

  const unit = await newestUnit(join(out, "chunks.jsonl"));
  const files = base === "scratch" ? { model: trained } : { model: base, adapter: trained };
  const style = await promptStyle(files.model, join(out, "tokens", "tokens.safetensors"));
  const { message = "", task } = unit?.commit_metadata ?? {};
  const folder = unit?.file_path.includes("/") ? dirname(unit.file_path) : "";
  const prompt = renderPrompt({ message, task, folder }, style);
  let text = "";
  const sampling = { ...files, prompt, maxTokens: SAMPLE_TOKENS, temperature: 0.6, seed: 1 };
  for await (const piece of generate(sampling, reporter.context)) text += piece;
  const place = folder === "" ? "" : ` below ${folder}/`;
  reporter.info(
    `\nA change made up for "${message || task}"${place}:\n\n${readable(prompt + text)}\n`,
  );

  const adapter = base === "scratch" ? "" : ` --adapter ${trained}`;
  const example = JSON.stringify(renderPrompt({ message: "…" }, style));
  reporter.info(`Go on: repotune generate --model ${files.model}${adapter} --prompt ${example}`);
}

async function describe(report: TrainingReport, trained: string): Promise<string> {
  const { before, best } = report.validation;
  const change = (name: string, of: (evaluation: Evaluation) => number) =>
    `${name} ${of(before).toFixed(3)} → ${of(best).toFixed(3)}`;
  const megabytes = ((await fileSize(trained)) / 1e6).toFixed(1);
  return [
    `Validation: ${change("loss", (e) => e.loss)} nats a token, ${change("bits per byte", (e) => e.bits_per_byte)}`,
    `Model: ${trained} (${megabytes} MB, ${(report.parameters.trained / 1e6).toFixed(2)} of ${(report.parameters.total / 1e6).toFixed(2)} million weights trained)`,
  ].join("\n");
}

/** The newest unit of source code, or of anything if there is none; it lies on the test side. */
async function newestUnit(path: string): Promise<Chunk | undefined> {
  let newest: Chunk | undefined;
  for await (const chunk of readJsonl(path, ChunkSchema)) {
    const isSource = chunk.file_type === "source" && chunk.op !== "removed";
    if (isSource || newest?.file_type !== "source") newest = chunk;
  }
  return newest;
}

/** Structure on lines of its own, for a person to read. */
const readable = (text: string) =>
  text
    .replace(/<(CODE_START|OLD_START)>/g, "\n<$1>\n")
    .replace(/<(CODE_END|OLD_END|COMMIT_END|HUNK)>/g, "\n<$1>");
