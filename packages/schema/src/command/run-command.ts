import { type Command, CommanderError } from "commander";
import { isStageError } from "../error.ts";
import { createReporter, type Io, type Reporter } from "./reporter.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
export type CommandOutcome = 0 | 1 | 2 | 130;

/**
 * Runs a commander program on `argv` and turns every ending into an exit code; never exits itself.
 *
 * The program may have the flags `--json` and `--quiet`; they decide how errors are shown.
 */
export async function runCommand(
  program: Command,
  argv: string[],
  io: Io,
): Promise<CommandOutcome> {
  configure(program, io);
  try {
    await program.parseAsync(argv, { from: "user" });
    return io.signal?.aborted ? 130 : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    reporterFor(argv, io).error(error);
    if (isStageError(error) && error.code === "E_USAGE") return 2;
    return io.signal?.aborted || (isStageError(error) && error.code === "E_INTERRUPTED") ? 130 : 1;
  }
}

const reporterFor = (argv: string[], io: Io): Reporter =>
  createReporter(io, argv.includes("--json") ? "events" : "text");

/** Makes `command` and all below it throw instead of exiting, and write to `io`. */
function configure(command: Command, io: Io): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
  for (const child of command.commands) configure(child, io);
}
