import type { SourceText } from "../source/source-text.ts";
import type { Degradation, UnitMap } from "../source/unit.ts";

/** How a language is cut into units. To add one, write a file like this folder's and list it. */
export interface Language {
  /** As in a chunk's `language`. */
  name: string;
  /**
   * Cuts a file into units.
   *
   * Every line that is not blank is some unit's. A language whose files do not always parse says
   * why it gives up, and the file is then cut by hunk.
   */
  cut(source: SourceText): UnitMap | Degradation | Promise<UnitMap | Degradation>;
}
