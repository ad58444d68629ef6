#!/usr/bin/env node
import { program } from "@repotune/cli";
import { runBin } from "@repotune/schema/command";

await runBin(program);
