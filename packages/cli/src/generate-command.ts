import { text } from "node:stream/consumers";
import { createReporter, type Io, optionFlags, readOptions } from "@repotune/schema/command";
import { Command } from "commander";
import { generate } from "./generate/generate.ts";
import { GenerateOptionsSchema } from "./generate/options.ts";

/** `repotune generate`: lets a trained model go on from a prompt; the text goes to stdout. */
export function generateCommand(io: Io): Command {
  const command = new Command("generate")
    .description("Let a trained model go on from a prompt.")
    .option("--json", "print newline-delimited JSON events")
    .option("--quiet", "print nothing but the text and errors");
  optionFlags(command, GenerateOptionsSchema);
  return command.action(async ({ json, quiet, ...flags }: Record<string, unknown>) => {
    const options = readOptions(GenerateOptionsSchema, flags);
    const reporter = createReporter(io, json ? "events" : quiet ? "quiet" : "text", io.stdout);
    const prompt = options.prompt === "-" ? await text(io.stdin) : options.prompt;
    for await (const piece of generate({ ...options, prompt }, reporter.context)) {
      io.stdout.write(json ? `${JSON.stringify({ event: "text", text: piece })}\n` : piece);
    }
    if (!json) io.stdout.write("\n");
  });
}
