import { Command, Option } from "commander";
import type { TObject } from "typebox";
import type { Stage } from "../stage.ts";
import { optionFlags, readOptions } from "./options.ts";
import { createReporter, type Io } from "./reporter.ts";

/**
 * Makes a stage a command line of its own.
 *
 * @param name what the user types: the package's binary, or the umbrella's subcommand.
 */
export function stageCommand<O extends TObject>(stage: Stage<O>, io: Io, name: string): Command {
  const command = new Command(name)
    .description(stage.summary)
    .version(stage.producer.version)
    .allowExcessArguments(false)
    .addOption(new Option("--json", "print newline-delimited JSON events"))
    .addOption(new Option("--quiet", "print nothing but errors"));
  optionFlags(command, stage.options);
  return command.action(async ({ json, quiet, ...flags }: Record<string, unknown>) => {
    const options = readOptions(stage.options, flags);
    const usesStdout = stage.outputs(options).includes("-");
    const mode = json ? "events" : quiet ? "quiet" : "text";
    const reporter = createReporter(io, mode, usesStdout ? io.stderr : io.stdout);
    const began = performance.now();
    reporter.start(name);
    const summary = await stage.run(options, reporter.context);
    reporter.done(name, summary, performance.now() - began);
  });
}
