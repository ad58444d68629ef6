import type { LineEdit } from "../source/line-edits.ts";
import type { SourceText } from "../source/source-text.ts";
import type { Degradation, UnitMap } from "../source/unit.ts";

/** The text that another was made of, so that this one need not be parsed as a whole. */
export interface EarlierText {
  source: SourceText;
  map: UnitMap;
  /** What makes the one of the other; undefined if the texts turn out to differ elsewhere, too. */
  edits: () => LineEdit[] | undefined;
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
   * @param before may make it faster; the result is the same.
   */
  cut(
    source: SourceText,
    before?: EarlierText,
  ): UnitMap | Degradation | Promise<UnitMap | Degradation>;
}
