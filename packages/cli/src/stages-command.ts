import type { Io } from "@repotune/schema/command";
import { Command } from "commander";
import { pipelineOptions } from "./run/wiring.ts";
import { stages } from "./stages.ts";

/** `repotune stages`: what the pipeline consists of, as a table or as JSON. */
export function stagesCommand(io: Io): Command {
  return new Command("stages")
    .description("List the stages, their packages and the files they make.")
    .option("--json", "print one JSON object a stage")
    .action(({ json }: { json?: boolean }) => {
      const { options } = pipelineOptions({ repo: ".", out: ".repotune", base: "scratch" });
      const rows = stages.map((stage) => ({
        stage: stage.verb,
        package: stage.producer.name,
        version: stage.producer.version,
        outputs: stage.outputs(options[stage.verb] as never),
        summary: stage.summary,
      }));
      for (const row of rows) {
        const { stage, package: name, version, outputs, summary } = row;
        io.stdout.write(
          json
            ? `${JSON.stringify(row)}\n`
            : `${stage.padEnd(9)} ${`${name}@${version}`.padEnd(33)} ${summary}\n${" ".repeat(10)}${outputs.join(", ")}\n`,
        );
      }
    });
}
