import { type ChangeType, type Chunk, StageError } from "@repotune/schema";
import type { Hole } from "../render/hole.ts";
import type { CommitContext } from "../render/opening.ts";
import type { Piece } from "../render/piece.ts";
import { RENDERINGS, type RenderingName } from "../render/renderings.ts";
import type { CommitHeader } from "./commit-header.ts";

/** A document before it is encoded, and where it comes from. */
export interface RenderedDocument {
  commitNumber: number;
  /** Position of its first chunk among all chunks, or -1 for a commit's overview. */
  chunkIndex: number;
  /** Ids of its chunks; none for an overview. */
  chunkIds: string[];
  /** The first unit's; undefined for an overview. */
  changeType: ChangeType | undefined;
  /** The first unit's; undefined for an overview, which has no code. */
  language: string | undefined;
  pieces: Piece[];
  /** The same with holes to fill in, for a vocabulary that marks them; used where it has room. */
  withHoles?: Piece[] | undefined;
}

/** Which chunks become documents, and how. */
export interface RenderOptions {
  /** @default "semantic" */
  rendering?: RenderingName | undefined;
  /** Name of the repository, for renderings that tell it. */
  repository?: string | undefined;
  /**
   * Characters of code that a document of several units may hold; a longer unit stands alone.
   *
   * @default 2048
   */
  maxJoinedCharacters?: number | undefined;
  /** The hole in a chunk's code, for those that get one. */
  holeOf?: ((chunk: Chunk) => Hole | undefined) | undefined;
  /**
   * Whether units of data files (`file_type` `data`: dashboards, inventories, samples) are rendered.
   * They are written by programs, and a few of them can outweigh all code; the files still stand in
   * their commit's overview.
   *
   * @default false
   */
  includeData?: boolean | undefined;
  /** Called for each chunk that is left out. */
  onLeftOut?: ((reason: "data") => void) | undefined;
}

/**
 * Renders a history into documents, in its order: of each commit its units, then its overview.
 *
 * The overview comes last because it tells the change types of all units, and a commit's units need
 * not fit in memory. Message and task are those of the chunks; a commit without chunks has an
 * overview without them.
 *
 * @param headers in the order of the history.
 * @throws {StageError} `E_MISMATCH` for a chunk of a commit that is not in `headers`, `E_INPUT` for
 *   chunks that are not in the order of the history.
 */
export async function* renderHistory(
  headers: AsyncIterable<CommitHeader>,
  chunks: AsyncIterable<Chunk>,
  options: RenderOptions = {},
): AsyncGenerator<RenderedDocument> {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunkIndex = 0;
  let commits = 0;
  try {
    let next = await iterator.next();
    for await (const header of headers) {
      commits = header.number + 1;
      const commit = new CommitRenderer(header, options);
      while (!next.done && next.value.commit_number <= header.number) {
        checkCommit(next.value, header);
        yield* commit.add(next.value, chunkIndex);
        chunkIndex += 1;
        next = await iterator.next();
      }
      yield* commit.finish();
    }
    if (!next.done) {
      throw next.value.commit_number < commits
        ? disordered(next.value, commits - 1)
        : mismatch(next.value, undefined);
    }
  } finally {
    await iterator.return?.();
  }
}

/** Renders the chunks of one commit as they come. */
class CommitRenderer {
  readonly #header: CommitHeader;
  readonly #options: RenderOptions;
  readonly #context: CommitContext;
  readonly #types = new Map<string, Set<ChangeType>>();
  /** Chunks that share the next document, with the position of the first. */
  #joined: Chunk[] = [];
  #joinedFrom = 0;
  #joinedCharacters = 0;

  constructor(header: CommitHeader, options: RenderOptions) {
    this.#header = header;
    this.#options = options;
    const { branch, author, month } = header;
    this.#context = { message: "", repository: options.repository, branch, author, month };
  }

  /** The documents that are complete once the chunk is known. */
  *add(chunk: Chunk, index: number): Generator<RenderedDocument> {
    const { includeData = false, onLeftOut } = this.#options;
    const { message, task } = chunk.commit_metadata;
    this.#context.message = message;
    this.#context.task = task;
    const types = this.#types.get(chunk.file_path);
    if (types) types.add(chunk.change_type);
    else this.#types.set(chunk.file_path, new Set([chunk.change_type]));
    if (chunk.file_type === "data" && !includeData) {
      onLeftOut?.("data");
      return;
    }
    const { joinsUnits } = this.#rendering;
    const { maxJoinedCharacters = 2048 } = this.#options;
    const characters = (chunk.old_code?.length ?? 0) + (chunk.new_code?.length ?? 0);
    if (!joinsUnits || this.#joinedCharacters + characters > maxJoinedCharacters) {
      yield* this.#flush();
    }
    if (this.#joined.length === 0) this.#joinedFrom = index;
    this.#joined.push(chunk);
    this.#joinedCharacters += characters;
  }

  /** The last documents of the commit. */
  *finish(): Generator<RenderedDocument> {
    yield* this.#flush();
    const { number, hasOverview, files } = this.#header;
    if (!hasOverview) return;
    const changed = files.map(({ path, letter }) => ({
      path,
      letter,
      changeTypes: [...(this.#types.get(path) ?? typesOf(letter))],
    }));
    yield {
      commitNumber: number,
      chunkIndex: -1,
      chunkIds: [],
      changeType: undefined,
      language: undefined,
      pieces: this.#rendering.overview(this.#context, changed),
    };
  }

  *#flush(): Generator<RenderedDocument> {
    const chunks = this.#joined;
    const [first] = chunks;
    if (!first) return;
    this.#joined = [];
    this.#joinedCharacters = 0;
    const { holeOf } = this.#options;
    const holes = new Map(holeOf && chunks.map((chunk) => [chunk.chunk_id, holeOf(chunk)]));
    const hasHole = [...holes.values()].some((hole) => hole !== undefined);
    const rendering = this.#rendering;
    yield {
      commitNumber: this.#header.number,
      chunkIndex: this.#joinedFrom,
      chunkIds: chunks.map(({ chunk_id }) => chunk_id),
      changeType: first.change_type,
      language: first.language,
      pieces: rendering.units(this.#context, chunks),
      ...(hasHole && {
        withHoles: rendering.units(this.#context, chunks, ({ chunk_id }) => holes.get(chunk_id)),
      }),
    };
  }

  get #rendering() {
    return RENDERINGS[this.#options.rendering ?? "semantic"];
  }
}

/** What git's letter alone says of a file's change. */
const typesOf = (letter: string): ChangeType[] =>
  letter === "A" ? ["new_file"] : letter === "D" ? ["deletion"] : [];

/** @throws {StageError} `E_MISMATCH`, `E_INPUT`. */
function checkCommit(chunk: Chunk, header: CommitHeader): void {
  if (chunk.commit_number < header.number) throw disordered(chunk, header.number);
  if (chunk.commit_hash !== header.hash) throw mismatch(chunk, header);
}

const disordered = ({ chunk_id, commit_number }: Chunk, last: number) =>
  new StageError(
    "E_INPUT",
    `Chunk ${chunk_id} of commit ${commit_number} stands after chunks of commit ${last}.`,
    { hint: "Chunks must be in the order of the history: chunk it again." },
  );

function mismatch(chunk: Chunk, header: CommitHeader | undefined): StageError {
  const found = header ? `is ${header.hash}` : "does not exist";
  return new StageError(
    "E_MISMATCH",
    `Chunk ${chunk.chunk_id} belongs to commit ${chunk.commit_number}, ${chunk.commit_hash}; in the history that commit ${found}.`,
    { hint: "Chunks and commits come from different scrapes: chunk these commits again." },
  );
}
