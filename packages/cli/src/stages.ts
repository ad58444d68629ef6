import { stage as build } from "@repotune/dataset-builder";
import { stage as scrape } from "@repotune/git-scraper";
import type { Stage } from "@repotune/schema";
import { stage as chunk } from "@repotune/semantic-chunker";
import { stage as tokenize } from "@repotune/tokenizer";
import { stage as train } from "@repotune/trainer";

/** Every stage, in the order of the pipeline. */
export const stages: readonly Stage[] = [scrape, chunk, tokenize, build, train];
