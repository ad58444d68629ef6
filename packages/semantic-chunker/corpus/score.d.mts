import type { Chunk } from "@repotune/schema";
import type { chunkCommits } from "../src/index.ts";

/** What a label says; README.md describes it. */
export interface Label {
  repository: string;
  commit: string;
  file: string;
  line: number;
  side: "old" | "new";
  op: Chunk["op"];
  name: string | null;
  section?: string | null;
  module_path?: string | null;
  kind: string;
  change_type: Chunk["change_type"];
  also?: Chunk["change_type"][];
  note?: string;
}

type Field = "op" | "name" | "module_path" | "kind" | "change_type" | "exact";

export interface Comparison {
  /** Name of the repository's folder. */
  repository: string;
  label: Label;
  chunk: Chunk | undefined;
  isRight: Record<Field, boolean>;
}

export interface Summary {
  labels: number;
  /** Shares, 0 to 1; NaN for what was not labelled. */
  accuracy: Record<Field, number>;
  /** `count` labels of each change type, and its F1. */
  classes: { type: string; count: number; f1: number }[];
  /** How often a label's type was called what. */
  confusion: Map<string, Map<string, number>>;
  /** Units said to be moved or renamed that are not, of all that have an old and a new side. */
  falseRenames: number;
}

export function compareWithLabels(
  chunk: typeof chunkCommits,
  folder: string,
): Promise<Comparison[]>;

export function summarize(comparisons: Comparison[]): Summary;
