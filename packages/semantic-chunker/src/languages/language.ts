import type { SourceText } from "../source/source-text.ts";
import type { TextEdit } from "../source/text-edits.ts";
import type { Degradation, UnitMap } from "../source/unit.ts";
import type { TreeStore } from "./syntax/tree-store.ts";

/** What is known of a text's past, so that it need not be parsed anew. */
export interface TextHistory {
  /** The text's name among the trees: equal only for equal texts of one language. */
  id: string;
  trees: TreeStore;
  /** The text that it was made from; `edits` gives undefined if they turn out not to fit. */
  before?: { id: string; edits: () => TextEdit[] | undefined } | undefined;
}

/** How a language is cut into units. To add one, write a file like this folder's and list it. */
export interface Language {
  /** As in a chunk's `language`. */
  name: string;
  /**
   * Cuts a file into units.
   *
   * Every line that is not blank is some unit's. A language whose files do not always parse says
   * why it gives up, and the file is then cut by hunk.
   *
   * @param history may make it faster; the result is the same.
   */
  cut(
    source: SourceText,
    history?: TextHistory,
  ): UnitMap | Degradation | Promise<UnitMap | Degradation>;
}
