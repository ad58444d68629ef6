export { type ChunkContext, chunkCommits, type UncutChange } from "./chunk-commits.ts";
export type { SkipReason } from "./files/skip.ts";
export type { ObjectSource } from "./object-source.ts";
export { type ChunkOptions, defaultChunkOptions } from "./options.ts";
export { previewChunks } from "./preview/preview-chunks.ts";
export { type CommitPreview, previewCommit } from "./preview/preview-commit.ts";
export { stage } from "./stage.ts";
export { type ChunkingCounts, Tally } from "./tally.ts";
