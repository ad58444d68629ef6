import { stage as build } from "@repotune/dataset-builder";
import { stage as scrape } from "@repotune/git-scraper";
import type { Stage } from "@repotune/schema";
import { stage as tokenize } from "@repotune/tokenizer";
import { stage as train } from "@repotune/trainer";
import { chunkStage } from "./preview-repository.ts";

/** Every stage, in the order of the pipeline. */
export const stages: readonly Stage[] = [scrape, chunkStage, tokenize, build, train];
