import type { Chunk } from "@repotune/schema";
import type { Tally } from "../tally.ts";
import { DuplicateIndex } from "./duplicate-index.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { RepeatedHeaders } from "./repeated-headers.ts";
import { stripHeader } from "./strip-header.ts";

/** What becomes of what a model should not learn by heart. */
export interface HygieneOptions {
  secrets: "mask" | "keep" | "drop";
  includeLicenceHeaders: boolean;
}

type UnitNames = Pick<Chunk, "function_name" | "qualified_name" | "old_name" | "section">;

/** Cleans the chunks of a history, one after the other. */
export class Hygiene {
  readonly #options: HygieneOptions;
  readonly #tally: Tally;
  readonly #headers = new RepeatedHeaders();
  readonly #duplicates = new DuplicateIndex();
  /** All chunks of a commit have its message. */
  #message = { commit: "", text: "", found: new Set<string>() };

  constructor(options: HygieneOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
  }

  /**
   * Strips a chunk of a licence header, masks its secrets, and marks it if it repeats an earlier one.
   *
   * @returns undefined for a chunk that is dropped; the next one is to have its id.
   */
  clean(chunk: Chunk): Chunk | undefined {
    const { secrets, includeLicenceHeaders } = this.#options;
    const found = new Set<string>();
    const stripped = includeLicenceHeaders ? chunk : stripHeader(chunk, this.#headers);
    const masked = this.#mask(stripped, found);
    if (secrets === "drop" && found.size > 0) {
      this.#tally.addDropped(found);
      return undefined;
    }
    const message = this.#maskMessage(chunk);
    const rules = [...new Set([...found, ...message.found])].sort();
    const kept = secrets === "keep" ? stripped : masked;
    const { commit_metadata } = kept;
    const cleaned: Chunk =
      secrets === "keep" || message.text === commit_metadata.message
        ? kept
        : { ...kept, commit_metadata: { ...commit_metadata, message: message.text } };
    const duplicate_of = this.#duplicates.see(cleaned);
    return {
      ...cleaned,
      ...(rules.length > 0 && { secrets: rules }),
      ...(duplicate_of !== undefined && { duplicate_of }),
    };
  }

  /** Masks secrets in a text about chunks. */
  cleanText(text: string): string {
    return this.#options.secrets === "keep" ? text : maskSecrets(text, false, new Set());
  }

  #mask(chunk: Chunk, found: Set<string>): Chunk {
    const mask = (text: string | null) => text && maskSecrets(text, false, found);
    const names = ({ function_name, qualified_name, old_name, section }: UnitNames) => ({
      function_name: mask(function_name),
      qualified_name: mask(qualified_name),
      ...(old_name !== undefined && { old_name: maskSecrets(old_name, false, found) }),
      section: mask(section),
    });
    return {
      ...chunk,
      ...names(chunk),
      ...(chunk.members && { members: chunk.members.map((one) => ({ ...one, ...names(one) })) }),
      old_code: mask(chunk.old_code),
      new_code: mask(chunk.new_code),
      patch: maskSecrets(chunk.patch, true, found),
    };
  }

  #maskMessage({ commit_hash, commit_metadata }: Chunk) {
    if (this.#message.commit !== commit_hash) {
      const found = new Set<string>();
      const text = maskSecrets(commit_metadata.message, false, found);
      this.#message = { commit: commit_hash, text, found };
    }
    return this.#message;
  }
}
