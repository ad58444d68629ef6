import { languageOf } from "../languages/registry.ts";
import type { FileSide } from "../match/file-change.ts";
import type { ObjectSource } from "../object-source.ts";
import type { HistoryTexts } from "./history-texts.ts";
import { LruCache } from "./lru-cache.ts";
import { SourceText } from "./source-text.ts";
import { type Degradation, isUnitMap } from "./unit.ts";

/** Bytes of cut files that are kept. A commit's old files are mostly earlier commits' new ones. */
const CACHE_BYTES = 32 << 20;
/** What a unit takes, in bytes, roughly. */
const UNIT_BYTES = 400;

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
  readonly #cache = new LruCache<FileSide | Degradation>(CACHE_BYTES);

  /** @param texts where files come from: a repository, or the patches. */
  constructor(texts: ObjectSource | HistoryTexts) {
    this.#texts = texts;
  }

  /**
   * The units of a file.
   *
   * @param text its content, where it is known already.
   */
  async load(
    blobId: string,
    language: string,
    text: string | undefined,
  ): Promise<FileSide | NoSide> {
    const key = `${language} ${blobId}`;
    const known = this.#cache.get(key);
    if (known) return known;
    const content = text ?? (await this.#read(blobId));
    if (content === undefined) return "read" in this.#texts ? "missing_blob" : "no_repository";
    const source = new SourceText(content);
    const map = await languageOf(language)?.cut(source);
    if (!map) return "not_parsed";
    const side = isUnitMap(map) ? { source, map } : map;
    // Characters beyond Latin-1 make a string take two bytes for each.
    const bytes = isUnitMap(map)
      ? 2 * content.length + 9 * source.lineCount + UNIT_BYTES * map.units.length
      : UNIT_BYTES;
    this.#cache.set(key, side, bytes);
    return side;
  }

  async #read(blobId: string): Promise<string | undefined> {
    if (!("read" in this.#texts)) return this.#texts.get(blobId);
    const data = await this.#texts.read(blobId);
    return data?.toString("utf8"); // Lossily, as the patches are.
  }
}
