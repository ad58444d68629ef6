import type { FilePatch } from "../diff/patch.ts";
import { languageOf } from "../languages/registry.ts";
import type { FileSide } from "../match/file-change.ts";
import type { ObjectSource } from "../object-source.ts";
import type { HistoryTexts } from "./history-texts.ts";
import { lineEdits } from "./line-edits.ts";
import { LruCache } from "./lru-cache.ts";
import { SourceText } from "./source-text.ts";
import { type Degradation, isUnitMap } from "./unit.ts";

/** Files that are kept, in bytes, as estimated: a commit's old files are mostly earlier ones' new. */
const DEFAULT_CACHE_BYTES = 64 << 20;

/** What a unit takes, with what its file's outline has of it, in bytes, roughly. */
const UNIT_BYTES = 700;

/** Why there is no {@link FileSide}. */
export type NoSide =
  | Degradation
  /** The repository lacks the file. */
  | "missing_blob"
  /** There is no repository, and the patches do not tell. */
  | "no_repository";

/** Reads files and cuts them into units, each once. */
export class SideLoader {
  readonly #texts: ObjectSource | HistoryTexts;
  readonly #cache: LruCache<FileSide | Degradation>;
  readonly #isReused: boolean;
  /** Files that are being read ahead. */
  readonly #expected = new Map<string, Promise<Buffer | undefined>>();

  /**
   * @param texts where files come from: a repository, or the patches.
   * @param cacheBytes 0 to parse each file as a whole.
   */
  constructor(texts: ObjectSource | HistoryTexts, cacheBytes = DEFAULT_CACHE_BYTES) {
    this.#texts = texts;
    this.#cache = new LruCache(cacheBytes);
    this.#isReused = cacheBytes > 0;
  }

  /**
   * The units of a file.
   *
   * @param text its content, where it is known already.
   * @param before the file that it was made from, and how.
   */
  async load(
    blobId: string,
    language: string,
    text: string | undefined,
    before?: { side: FileSide; patch: FilePatch },
  ): Promise<FileSide | NoSide> {
    const key = keyOf(blobId, language);
    const known = this.#cache.get(key);
    if (known) return known;
    const content = text ?? (await this.#read(blobId));
    if (content === undefined) return "read" in this.#texts ? "missing_blob" : "no_repository";
    const source = new SourceText(content);
    const earlier = this.#isReused &&
      before && {
        ...before.side,
        edits: () => lineEdits(before.side.source, source, before.patch),
      };
    const map = await languageOf(language)?.cut(source, earlier || undefined);
    if (!map) return "not_parsed";
    const side = isUnitMap(map) ? { source, map } : map;
    // Most texts are Latin-1, which takes a byte for each character.
    const bytes = isUnitMap(map)
      ? content.length + 9 * source.lineCount + UNIT_BYTES * map.units.length
      : UNIT_BYTES;
    this.#cache.set(key, side, bytes);
    return side;
  }

  /**
   * Begins to read files that will soon be loaded, all at once: each question to git by itself is
   * two changes of process. Those of an earlier call are given up.
   *
   * @param wanted blobs, by the language they will be cut as.
   */
  expect(wanted: Iterable<{ blobId: string; language: string }>): void {
    this.#expected.clear();
    if (!("read" in this.#texts)) return;
    for (const { blobId, language } of wanted) {
      if (this.#expected.has(blobId) || this.#cache.get(keyOf(blobId, language))) continue;
      const reading = this.#texts.read(blobId);
      reading.catch(() => undefined); // It is told to whoever loads the file.
      this.#expected.set(blobId, reading);
    }
  }

  async #read(blobId: string): Promise<string | undefined> {
    if (!("read" in this.#texts)) return this.#texts.get(blobId);
    const expected = this.#expected.get(blobId);
    this.#expected.delete(blobId);
    const data = await (expected ?? this.#texts.read(blobId));
    return data?.toString("utf8"); // Lossily, as the patches are.
  }
}

const keyOf = (blobId: string, language: string) => `${language} ${blobId}`;
