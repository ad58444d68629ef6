export { buildDataset } from "./build-dataset.ts";
export { type ExportResult, exportDataset } from "./export/export-dataset.ts";
export { exportStage } from "./export/export-stage.ts";
export { type ExportOptions, ExportOptionsSchema } from "./export/options.ts";
export { type BuildOptions, BuildOptionsSchema } from "./options.ts";
export { stage } from "./stage.ts";
export {
  type ContextTargetWindow,
  contextTargetWindows,
  type WindowShape,
} from "./windows/context-target.ts";
export { type Piece, packDocuments } from "./windows/pack-documents.ts";
