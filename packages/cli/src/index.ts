export { program } from "./program.ts";
export { type RunOptions, type RunResult, runPipeline } from "./run/run-pipeline.ts";
export { stages } from "./stages.ts";
