import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { type Io, runCommand } from "@repotune/schema/command";
import { program } from "../../src/program.ts";

/** What a command printed, and its exit code. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `repotune` in this process. */
export async function runCli(argv: string[], signal?: AbortSignal): Promise<Outcome> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io: Io = { stdin, stdout, stderr, env: {}, signal };
  const printed = Promise.all([text(stdout), text(stderr)]);
  const code = await runCommand(program(io), argv, io);
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code, stdout: out, stderr: err };
}

/** The events that a command with `--json` printed. */
export const eventsOf = ({ stdout }: Outcome): Record<string, unknown>[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
