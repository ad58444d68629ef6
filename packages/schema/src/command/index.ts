export { optionFlags, readOptions } from "./options.ts";
export { previewView } from "./preview-view.ts";
export { createReporter, type Io, type Reporter } from "./reporter.ts";
export { runBin } from "./run-bin.ts";
export { type CommandOutcome, runCommand } from "./run-command.ts";
export { stageCommand } from "./stage-command.ts";
