#!/usr/bin/env node
import { exportStage, stage } from "@repotune/dataset-builder";
import { runBin, stageCommand } from "@repotune/schema/command";

await runBin((io) =>
  stageCommand(stage, io, "dataset-builder")
    .enablePositionalOptions()
    .addCommand(stageCommand(exportStage, io, "export")),
);
