#!/usr/bin/env node
import { runBin, stageCommand } from "@repotune/schema/command";
import { stage } from "@repotune/trainer";

await runBin((io) => stageCommand(stage, io, "trainer"));
