import type { SplitSide, StageContext, WrittenFile } from "@repotune/schema";
import type { OpenDataset } from "./open-dataset.ts";
import type { ExportOptions } from "./options.ts";
import type { TokenText } from "./token-text.ts";

/** What every format is given. */
export interface ExportJob {
  dataset: OpenDataset;
  options: ExportOptions;
  context: StageContext;
  /** Package and version, for files that name their maker. */
  createdBy: string;
  /** Reports finished examples. */
  count: (examples: number) => void;
}

/** What every format of text is given. */
export interface TextJob extends ExportJob {
  text: TokenText;
}

/** What was written of a side. */
export interface ExportedSide {
  side: SplitSide;
  /** Paths are relative to the export's folder. */
  files: WrittenFile[];
  examples: number;
  /** Tokens in all examples. */
  tokens: number;
}
