import {
  type Commit,
  findCommit,
  type PreviewView,
  readCommits,
  type StageContext,
  throwIfAborted,
  visible,
} from "@repotune/schema";
import type { TokenizeOptions } from "../options.ts";
import { drawHole } from "../render/hole.ts";
import { checkFim, renderOptions } from "../render-options.ts";
import { headerOf } from "../stream/commit-header.ts";
import { encodeRendered } from "../stream/encode-document.ts";
import { type RenderedDocument, renderHistory } from "../stream/render-history.ts";
import { requireFimLayouts } from "../vocabulary/fim-tokens.ts";
import type { TokenEncoder } from "../vocabulary/token-encoder.ts";
import { chooseEncoder } from "./choose-encoder.ts";
import { chunksOfCommit } from "./chunks-of-commit.ts";
import { drawTokens, legend } from "./draw-rows.ts";
import { type ShownToken, shownTokens } from "./shown-token.ts";

/** One document of the commit. */
interface ShownDocument {
  rendered: RenderedDocument;
  tokens: ShownToken[];
  isTruncated: boolean;
  hasHole: boolean;
}

/**
 * Shows a commit as a model sees it: every document with its tokens, and the weight of the loss on
 * each.
 *
 * Reads `commits.jsonl` and `chunks.jsonl` as far as the commit, and a vocabulary. Holes to fill in
 * are shown as on the train side, wherever the commit lies.
 *
 * @throws {StageError} `E_NOT_FOUND` for an unknown commit or a missing vocabulary, `E_USAGE` for an
 *   ambiguous commit, and what reading can throw.
 */
export async function* previewCommit(
  revision: string,
  options: TokenizeOptions,
  view: PreviewView,
  context: StageContext,
): AsyncGenerator<string> {
  checkFim(options);
  const commit = await findCommit(options.commits, revision);
  const encoder = await chooseEncoder(options, context);
  try {
    if (!view.isJson) yield heading(commit, encoder, options, view);
    let documents = 0;
    for await (const document of shownDocuments(commit, encoder, options, context)) {
      documents += 1;
      if (view.isJson) yield `${JSON.stringify(jsonOf(commit, document))}\n`;
      else yield* draw(document, view);
    }
    if (documents === 0 && !view.isJson) {
      yield "No document: a merge, or no file that is rendered. What a merge brings in is told by the commits it joins.\n";
    }
  } finally {
    await encoder.dispose?.();
  }
}

async function* shownDocuments(
  commit: Commit,
  encoder: TokenEncoder,
  options: TokenizeOptions,
  { signal, onNotice }: StageContext,
): AsyncGenerator<ShownDocument> {
  const { fimRate, maxDocumentTokens } = options;
  const layouts = fimRate > 0 ? requireFimLayouts(encoder.fim) : [];
  let leftOut = 0;
  const header = headerOf(commit, options.authors, await authorKey(options));
  const history = renderHistory(
    (async function* () {
      yield header;
    })(),
    chunksOfCommit(options.chunks, header.hash),
    {
      ...(await renderOptions(options)),
      holeOf: (chunk) => drawHole(chunk, fimRate, layouts),
      onLeftOut: () => {
        leftOut += 1;
      },
    },
  );
  for await (const rendered of history) {
    throwIfAborted(signal);
    const { encoded, ...state } = encodeRendered(rendered, encoder, maxDocumentTokens);
    yield { rendered, tokens: [...shownTokens(encoded, encoder)], ...state };
  }
  if (leftOut > 0) {
    onNotice?.(`${leftOut} chunks of data files are left out; --include-data renders them.`);
  }
}

/** Pseudonyms are keyed by the history's first commit; other documents do not name authors. */
async function authorKey({ commits, rendering, authors }: TokenizeOptions): Promise<string> {
  if (rendering !== "hierarchical" || authors !== "hash") return "";
  for await (const { metadata } of readCommits(commits)) return metadata.hash;
  return "";
}

function heading(
  { metadata }: Commit,
  { source, vocabulary }: TokenEncoder,
  { rendering }: TokenizeOptions,
  view: PreviewView,
): string {
  const size = vocabulary.vocab_size.toLocaleString("en-US");
  return `${view.colors.bold(`commit ${metadata.hash}`)}\n${rendering} rendering, ${size} tokens of ${visible(source)}\n${legend(view)}\n`;
}

function* draw(document: ShownDocument, view: PreviewView): Generator<string> {
  const { tokens, rendered, isTruncated, hasHole } = document;
  const { chunkIds, changeType } = rendered;
  const learned = tokens.reduce((sum, { weight }) => sum + weight, 0) / 100;
  const title = chunkIds.length === 0 ? "overview" : `${changeType} ${namesOf(chunkIds)}`;
  const notes = [
    `${tokens.length} tokens`,
    `weights sum to ${learned.toFixed(1)}`,
    ...(isTruncated ? ["cut"] : []),
    ...(hasHole ? ["with a hole to fill in"] : []),
  ];
  yield `\n${view.colors.bold(visible(title))}  ${view.colors.dim(notes.join(", "))}\n`;
  yield* drawTokens(tokens, view);
}

const namesOf = ([first = "", ...rest]: string[]): string =>
  rest.length === 0 ? first : `${first} … ${rest.at(-1)} (${rest.length + 1} units)`;

const jsonOf = (
  { metadata }: Commit,
  { rendered, tokens, isTruncated, hasHole }: ShownDocument,
) => ({
  commit_hash: metadata.hash,
  chunk_ids: rendered.chunkIds,
  change_type: rendered.changeType ?? null,
  is_truncated: isTruncated,
  has_hole: hasHole,
  tokens: tokens.map(({ id, text, weight, isStructure }) => ({
    id,
    text,
    weight,
    is_structure: isStructure,
  })),
});
