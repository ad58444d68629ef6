import type { StageContext } from "@repotune/schema";
import { createReporter, type Io } from "@repotune/schema/command";
import { BaseModelFile } from "@repotune/trainer";
import { Command, Option } from "commander";
import { resolveBaseModel } from "../generate/resolve-base.ts";
import { stages } from "../stages.ts";
import { closeRun } from "./close-run.ts";
import { addSettings, readConfiguration } from "./configuration.ts";
import { runPipeline } from "./run-pipeline.ts";

interface Flags {
  repo: string;
  out: string;
  base: string;
  config?: string;
  set: string[];
  stage?: string;
  force?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `repotune run`: the whole pipeline, from a repository to a trained model. */
export function runCommand(io: Io): Command {
  const verbs = stages.map(({ verb }) => verb);
  return new Command("run")
    .description("Turn a repository into a trained model: every stage that is not up to date.")
    .requiredOption("--repo <path>", "repository to learn from")
    .option("--out <dir>", "folder for everything that is made", ".repotune")
    .option("--base <model>", "scratch, a GGUF file, or hf:<user>/<model>[:<quant>]", "scratch")
    .option("--config <file>", "YAML or JSON file with one section of options a stage")
    .option("--set <stage.option=value>", "one option of a stage; repeatable", collect, [])
    .addOption(new Option("--stage <name>", "last stage to run").choices(verbs))
    .option("--force", "run again what is up to date (only --stage, if given)")
    .option("--json", "print newline-delimited JSON events")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nSee `repotune stages` for the stages, and `repotune <stage> --help`.")
    .action(async (flags: Flags) => {
      const reporter = createReporter(io, flags.json ? "events" : flags.quiet ? "quiet" : "text");
      const base = await resolveBase(flags.base, reporter.context);
      const configuration = addSettings(
        flags.config === undefined ? {} : await readConfiguration(flags.config),
        flags.set,
      );
      const { repo, out, stage, force = false } = flags;
      const options = { repo, out, base, configuration, stage, force };
      const { ran } = await runPipeline(options, reporter);
      if (ran.length === 0) reporter.info(`Nothing to do: everything in ${out} is up to date.`);
      else if (ran.includes("train")) await closeRun(options, reporter);
    });
}

const collect = (value: string, previous: string[]) => [...previous, value];

/** The path of the base model, once it is known to be one that can be trained. */
async function resolveBase(base: string, context: StageContext): Promise<string> {
  if (base === "scratch") return base;
  const path = await resolveBaseModel(base, context);
  await (await BaseModelFile.open(path)).close();
  return path;
}
