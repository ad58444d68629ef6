export {
  AtomicFile,
  type CompleteFile,
  moveIntoPlace,
  OutputFile,
  partialPath,
  type WrittenFile,
  writeFileAtomically,
  writeJsonFile,
} from "./atomic-file.ts";
export { BYTE_CHARACTERS, BYTES_IN_ID_ORDER, bytesOfToken } from "./byte-alphabet.ts";
export {
  CHANGE_TYPES,
  type ChangeType,
  type Chunk,
  type ChunkingStats,
  ChunkingStatsSchema,
  ChunkSchema,
  UNIT_OPS,
  type UnitOp,
} from "./chunk.ts";
export { unitsOfChunk } from "./chunk-units.ts";
export {
  type Branch,
  type Commit,
  type CommitLine,
  CommitLineSchema,
  CommitSchema,
  CommitsFileSchema,
  type CommitsMetadata,
  CommitsMetadataSchema,
  type CommitsSidecar,
  CommitsSidecarSchema,
  type Diff,
  type Lineage,
  LineageSchema,
  type Person,
} from "./commit.ts";
export {
  commitsLineagePath,
  commitsSidecarPath,
  readCommits,
  readSidecar,
  writeCommits,
} from "./commits-file.ts";
export { type Dataset, DatasetSchema, type DatasetSplit } from "./dataset.ts";
export {
  isStageError,
  messageOf,
  StageError,
  type StageErrorCode,
  type StageErrorOptions,
  throwIfAborted,
} from "./error.ts";
export { findCommit } from "./find-commit.ts";
export {
  type HistoryStats,
  type HistoryStatsFile,
  HistoryStatsSchema,
} from "./history-stats.ts";
export {
  checkVersion,
  fileSize,
  hashFile,
  hashText,
  inputError,
  readJsonFile,
} from "./input-file.ts";
export { readJsonl, recordParser, writeJsonl, writeJsonlFile } from "./jsonl.ts";
export { type LeakAudit, LeakAuditSchema } from "./leak-audit.ts";
export { type Line, readLines } from "./lines.ts";
export { makeFolder } from "./make-folder.ts";
export { type Manifest, ManifestSchema, type StageRecord } from "./manifest.ts";
export { type MemoryPlan, MemoryPlanSchema } from "./memory-plan.ts";
export { nearNames } from "./near-names.ts";
export {
  PRE_TOKENIZERS,
  type PreTokenizer,
  preTokenizerOf,
  SCRATCH_PRE_TOKENIZER,
} from "./pre-tokenizer.ts";
export { type Provenance, provenance, recordedOptions } from "./provenance.ts";
export { type ArrayOf, type Dtype, SafetensorsFile, SafetensorsWriter } from "./safetensors.ts";
export { HistoryGraph } from "./split/history-graph.ts";
export { SPLIT_PRESETS, type SplitRatios, splitRatios } from "./split/ratios.ts";
export type { DateFault } from "./split/repair-dates.ts";
export {
  type HistorySplit,
  SPLIT_SIDES,
  type SplitSide,
  splitHistory,
} from "./split/split-history.ts";
export {
  defineStage,
  type PreviewView,
  type Progress,
  type Stage,
  type StageContext,
  type StageSummary,
} from "./stage.ts";
export {
  historyHash,
  TOKEN_TENSORS,
  type Vocabulary,
  VocabularySchema,
  vocabularyHash,
  WINDOW_TENSORS,
} from "./tokens.ts";
export {
  type Continuation,
  type Evaluation,
  type ExportCheck,
  type GpuReading,
  type HardwareReport,
  type HardwareSample,
  type Rollback,
  type SkippedStep,
  type TrainingReport,
  TrainingReportSchema,
} from "./training-report.ts";
export { isReadableVersion, type Producer, producerOf, SCHEMA_VERSION } from "./version.ts";
export { visible } from "./visible.ts";
export { type VocabStats, VocabStatsSchema } from "./vocab-stats.ts";
