#!/usr/bin/env node
import { analyzeCommand, stage } from "@repotune/git-scraper";
import { runBin, stageCommand } from "@repotune/schema/command";

await runBin((io) =>
  stageCommand(stage, io, "git-scraper").enablePositionalOptions().addCommand(analyzeCommand(io)),
);
