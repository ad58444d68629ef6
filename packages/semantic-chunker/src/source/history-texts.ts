import type { Commit, Diff } from "@repotune/schema";
import { applyPatch } from "../diff/apply-patch.ts";
import { parsePatch, wholeText } from "../diff/patch.ts";
import { languageOfFile } from "../files/file-language.ts";
import { languageOf } from "../languages/registry.ts";
import { LruCache } from "./lru-cache.ts";
import { SourceText } from "./source-text.ts";

/** Bytes of text that are kept; what was not touched for longest goes first. */
const MAX_BYTES = 128 << 20;

/**
 * Files put together from the patches of a history, for want of a repository: a file that was added
 * is known, and every patch to a known file gives another.
 */
export class HistoryTexts {
  readonly #texts = new LruCache<string>(MAX_BYTES);

  /** Takes note of the files that a commit leaves. Merges count, too. */
  learn({ diffs }: Commit): void {
    for (const diff of diffs) {
      if (!languageOf(languageOfFile(diff.filename)) || diff.is_truncated) continue;
      if (this.#texts.get(diff.new_blob) !== undefined) continue;
      const text = this.#after(diff);
      if (text !== undefined) this.#texts.set(diff.new_blob, text, 2 * text.length);
    }
  }

  /** The text of a blob, if it is known. */
  get(blobId: string): string | undefined {
    return this.#texts.get(blobId);
  }

  #after(diff: Diff): string | undefined {
    if (diff.patch === "" || !/[AMRC]/.test(diff.change_type)) return undefined;
    const before = diff.change_type === "A" ? "" : this.#texts.get(diff.old_blob);
    if (before === undefined) return undefined;
    const patch = parsePatch(diff.patch);
    if (!patch || patch.rows.length === 0) return undefined;
    if (diff.change_type === "A") return wholeText(patch, "+");
    return applyPatch(new SourceText(before), patch);
  }
}
