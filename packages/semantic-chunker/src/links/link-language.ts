import type { ImportText } from "./import-texts.ts";

/** A file whose links are asked for. */
export interface LinkedFile {
  path: string;
  /** Module that it is, as in a chunk's `module_path`, segment by segment. */
  modules: readonly string[];
  /** What it says of imports. */
  texts: ImportText[];
}

/** How files of a language, or of several that import one another, name each other. */
export interface LinkLanguage {
  /** Tells the names of one from those of others. */
  name: string;
  /** Kinds of units that import something. @default `use` */
  kinds?: ReadonlySet<string>;
  /** Names under which others may import the file. */
  namesOf(file: LinkedFile): string[];
  /** What the file imports: of each import the names that it may mean, best first. */
  importsOf(file: LinkedFile): string[][];
  /** Whether a name is that of all the files that have it; else it is that of the nearest. */
  isShared?: boolean;
}
