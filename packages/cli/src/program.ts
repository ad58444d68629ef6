import { exportStage } from "@repotune/dataset-builder";
import { analyzeCommand } from "@repotune/git-scraper";
import { type Io, stageCommand } from "@repotune/schema/command";
import { Command } from "commander";
import { doctorCommand } from "./doctor-command.ts";
import { generateCommand } from "./generate-command.ts";
import { producer } from "./producer.ts";
import { runCommand } from "./run/run-command.ts";
import { stages } from "./stages.ts";
import { stagesCommand } from "./stages-command.ts";

/**
 * The umbrella's command line: `run`, one subcommand a stage, `analyze`, `export`, `generate`, `doctor` and
 * `stages`.
 */
export function program(io: Io): Command {
  const command = new Command("repotune")
    .description("Turn the whole history of a git repository into a local model that knows it.")
    .version(producer.version)
    .addCommand(runCommand(io));
  for (const stage of stages) command.addCommand(stageCommand(stage, io, stage.verb));
  return command
    .addCommand(analyzeCommand(io))
    .addCommand(stageCommand(exportStage, io, exportStage.verb))
    .addCommand(generateCommand(io))
    .addCommand(doctorCommand(io))
    .addCommand(stagesCommand(io));
}
