export { trainInChild } from "./child/train-in-child.ts";
export { BaseModelFile } from "./model/base.ts";
export { type TrainOptions, TrainOptionsSchema } from "./options.ts";
export { stage } from "./stage.ts";
export { train } from "./train.ts";
export { readVocabularyMetadata, type VocabularyMetadataOptions } from "./vocabulary-metadata.ts";
