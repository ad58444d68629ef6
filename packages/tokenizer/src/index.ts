export { bytesOfToken } from "@repotune/schema";
export { type BpeModel, bpeEncoder } from "./bpe/encoder.ts";
export { type TrainBpeOptions, type TrainedBpe, trainBpe } from "./bpe/train.ts";
export { WordCounter, type WordCountStatistics } from "./bpe/word-counter.ts";
export { wordSplitter } from "./bpe/words.ts";
export { type TokenizeOptions, TokenizeOptionsSchema } from "./options.ts";
export { drawHole, type Hole } from "./render/hole.ts";
export { LOSS_WEIGHTS } from "./render/loss-weights.ts";
export type { CommitContext } from "./render/opening.ts";
export type { ChangedFile } from "./render/overview.ts";
export type { Piece, StructurePiece, TextPiece, WeightedText } from "./render/piece.ts";
export { type Prompt, type PromptStyle, renderPrompt } from "./render/prompt.ts";
export type { Rendering } from "./render/rendering.ts";
export { isRenderingName, RENDERINGS, type RenderingName } from "./render/renderings.ts";
export { type Spelling, spellingFor } from "./render/spelling.ts";
export { changeToken, STRUCTURE_TOKENS, type StructureToken } from "./render/structure.ts";
export type { RenderedChunk } from "./render/unit.ts";
export { stage } from "./stage.ts";
export { type Authors, authorLabel } from "./stream/author-label.ts";
export { type CommitHeader, headerOf } from "./stream/commit-header.ts";
export { countWords } from "./stream/count-words.ts";
export { type EncodedDocument, encodeDocument, encodeRendered } from "./stream/encode-document.ts";
export { readChunks } from "./stream/read-chunks.ts";
export {
  type RenderedDocument,
  type RenderOptions,
  renderHistory,
} from "./stream/render-history.ts";
export type { SideStatistics, TokenStatistics } from "./stream/token-statistics.ts";
export { bytesEncoder } from "./vocabulary/bytes-encoder.ts";
export { type FimLayout, type FimTokens, findFimTokens } from "./vocabulary/fim-tokens.ts";
export { loadGgufVocabulary } from "./vocabulary/from-gguf.ts";
export { encoderOf, loadTokenizerJson } from "./vocabulary/from-tokenizer-json.ts";
export type { LoadOptions } from "./vocabulary/load-options.ts";
export { isReserved } from "./vocabulary/reserved-tokens.ts";
export { decodeBytes, type TokenEncoder } from "./vocabulary/token-encoder.ts";
export { type AddedToken, type TokenizerJson, tokenizerJson } from "./vocabulary/tokenizer-json.ts";
export { MIN_VOCAB_SIZE, SPECIAL_TOKEN_STRINGS, trainVocabulary } from "./vocabulary/trained.ts";
