#!/usr/bin/env node
import { runBin, stageCommand } from "@repotune/schema/command";
import { stage } from "@repotune/tokenizer";

await runBin((io) => stageCommand(stage, io, "tokenizer"));
