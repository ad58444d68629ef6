export { buildDataset } from "./build-dataset.ts";
export { type BuildOptions, BuildOptionsSchema } from "./options.ts";
export { stage } from "./stage.ts";
export {
  type ContextTargetWindow,
  contextTargetWindows,
  type WindowShape,
} from "./windows/context-target.ts";
export { type Piece, packDocuments } from "./windows/pack-documents.ts";
