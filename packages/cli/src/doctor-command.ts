import { StageError } from "@repotune/schema";
import { type Io, optionFlags, readOptions } from "@repotune/schema/command";
import { Command } from "commander";
import { type Check, checkLine } from "./doctor/check.ts";
import { checkMachine } from "./doctor/machine.ts";
import { DoctorOptionsSchema } from "./doctor/options.ts";
import { checkTraining } from "./doctor/training.ts";

/** `repotune doctor`: whether a training is possible here, and what it would take. */
export function doctorCommand(io: Io): Command {
  const command = new Command("doctor")
    .description("Check what this machine, a base model and a dataset need for a training.")
    .option("--json", "print one JSON object a check");
  optionFlags(command, DoctorOptionsSchema);
  return command.action(async ({ json, ...flags }: Record<string, unknown>) => {
    const options = readOptions(DoctorOptionsSchema, flags);
    const failed: string[] = [];
    const report = (check: Check) => {
      if (check.state === "failed") failed.push(check.name);
      io.stdout.write(
        `${json ? JSON.stringify({ event: "check", ...check }) : checkLine(check)}\n`,
      );
    };
    for (const check of await checkMachine()) report(check);
    for await (const check of checkTraining(options)) report(check);
    if (failed.length === 0) return;
    throw new StageError("E_UNSUPPORTED", `No training is possible yet: see ${failed.join(", ")}.`);
  });
}
