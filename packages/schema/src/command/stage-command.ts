import { once } from "node:events";
import { Command, Option } from "commander";
import type { TObject } from "typebox";
import type { Stage } from "../stage.ts";
import { hasColor } from "./has-color.ts";
import { optionFlags, readOptions } from "./options.ts";
import { previewView } from "./preview-view.ts";
import { createReporter, type Io } from "./reporter.ts";

type Flags = Record<string, unknown> & {
  json?: true;
  quiet?: true;
  preview?: string;
  inspect?: true;
};

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
  if (stage.preview) {
    command.option("--preview <revision>", "show what becomes of one commit, and write no file");
  }
  if (stage.inspect) command.option("--inspect", "show what was made, and write no file");
  return command.action(async ({ json, quiet, preview, inspect, ...flags }: Flags) => {
    const options = readOptions(stage.options, flags);
    if (preview !== undefined || inspect) {
      // What is shown is data, so that all else goes to stderr.
      const { context } = createReporter(io, json ? "events" : "text", io.stderr);
      const { columns, isTTY } = io.stdout;
      const view = previewView({
        isJson: json,
        columns: columns || undefined, // Some terminals say 0, which is no width.
        hasColor: hasColor(io.env, isTTY),
      });
      if (preview === undefined) await print(stage.inspect?.(options, view, context), io);
      else await print(stage.preview?.(preview, options, view, context), io);
      return;
    }
    const usesStdout = stage.outputs(options).includes("-");
    const mode = json ? "events" : quiet ? "quiet" : "text";
    const reporter = createReporter(io, mode, usesStdout ? io.stderr : io.stdout);
    const began = performance.now();
    reporter.start(name);
    const summary = await stage.run(options, reporter.context);
    reporter.done(name, summary, performance.now() - began);
  });
}

async function print(pieces: AsyncIterable<string> | undefined, { stdout }: Io): Promise<void> {
  for await (const piece of pieces ?? []) {
    if (!stdout.write(piece)) await once(stdout, "drain");
  }
}
