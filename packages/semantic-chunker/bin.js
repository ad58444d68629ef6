#!/usr/bin/env node
import { runBin, stageCommand } from "@repotune/schema/command";
import { stage } from "@repotune/semantic-chunker";

await runBin((io) => stageCommand(stage, io, "semantic-chunker"));
