import type { Tree } from "web-tree-sitter";
import { LruCache } from "../../source/lru-cache.ts";

/** What a tree takes for each UTF-16 unit of its text, in bytes: 29 on average over Rust's files. */
const BYTES_PER_UNIT = 29;

/** A syntax tree without errors, kept for the text's next version. */
export interface KeptTree {
  tree: Tree;
  /** Steps that it took to parse it, those of earlier versions included, whose parts it shares. */
  steps: number;
}

/** Keeps the syntax trees of the texts that were parsed last. */
export class TreeStore {
  readonly #trees: LruCache<KeptTree>;

  /** @param maxBytes of all trees together, as estimated; WebAssembly's memory never shrinks. */
  constructor(maxBytes: number) {
    // Their memory is outside the garbage collector's reach.
    this.#trees = new LruCache(maxBytes, ({ tree }) => tree.delete());
  }

  /** The tree of a text; the caller deletes it. */
  take(id: string): KeptTree | undefined {
    return this.#trees.take(id);
  }

  /** Keeps a tree, which it deletes in the end. */
  keep(id: string, kept: KeptTree, length: number): void {
    this.#trees.set(id, kept, length * BYTES_PER_UNIT);
  }

  /** Deletes all trees. */
  clear(): void {
    this.#trees.clear();
  }
}
