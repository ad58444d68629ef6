/** Where git objects come from. `@repotune/git`'s `ObjectReader` is one. */
export interface ObjectSource {
  /** Content of a blob or tree; undefined if it is missing. */
  read(id: string): Promise<Buffer | undefined>;
}
