import type { Command } from "commander";
import { optimizeLater } from "./optimize-later.ts";
import type { Io } from "./reporter.ts";
import { runCommand } from "./run-command.ts";

/**
 * Runs a program as this process: real streams; the first Ctrl-C stops the work cleanly, a second
 * ends the process at once.
 *
 * @param program builds the commander program over the given streams.
 */
export async function runBin(program: (io: Io) => Command | Promise<Command>): Promise<void> {
  optimizeLater();
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0); // The reader left, e.g. `… | head`.
    process.stderr.write(`Cannot write to the standard output: ${error.message}\n`);
    process.exit(1);
  });
  const { stdin, stdout, stderr, env } = process;
  const io: Io = { stdin, stdout, stderr, env, signal: abort.signal };
  process.exitCode = await runCommand(await program(io), process.argv.slice(2), io);
}
