export { emptyTreeId, idDigits, isObjectId, type ObjectFormat } from "./object-format.ts";
export type { ObjectAnswer } from "./object-parser.ts";
export { ObjectReader, type ObjectReaderOptions } from "./object-reader.ts";
export type { GitProcess } from "./process.ts";
export { type ObjectIds, readObjects } from "./read-objects.ts";
export { type OpenOptions, openRepository, type Repository } from "./repository.ts";
export { resolveCommit } from "./resolve-commit.ts";
export { DETACHED_HEADS } from "./shadow.ts";
