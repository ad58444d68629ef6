import type { Commit } from "@repotune/schema";
import type { Label } from "./score.mjs";

export interface LabelledRepository {
  repository: string;
  labels: Label[];
  /** With what a chunker reads of a commit, and no more. */
  commits: Commit[];
  objects: { read(id: string): Promise<Buffer | undefined> };
}

export function readCorpus(folder: string): LabelledRepository[];
