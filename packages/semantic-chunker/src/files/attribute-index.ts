import type { Commit } from "@repotune/schema";
import { applyPatch } from "../diff/apply-patch.ts";
import { parsePatch } from "../diff/patch.ts";
import { SourceText } from "../source/source-text.ts";
import type { TreeReader } from "../source/tree-reader.ts";
import { LinguistAttributes } from "./linguist-attributes.ts";

const NAME = ".gitattributes";

/**
 * Knows the attributes that the `.gitattributes` at the root gives to files: the one in the commit's
 * own tree, or, without trees, the one that the history showed last.
 */
export class AttributeIndex {
  readonly #trees: TreeReader | undefined;
  #text = "";
  #id: string | undefined;
  #attributes = new LinguistAttributes("");

  constructor(trees: TreeReader | undefined) {
    this.#trees = trees;
  }

  /** The attributes in force at a commit; to be asked for every commit, in order. */
  async at(commit: Commit): Promise<LinguistAttributes> {
    if (this.#trees) {
      const id = (await this.#trees.folder(commit.metadata.tree_hash))?.files.get(NAME);
      if (id === this.#id) return this.#attributes;
      this.#id = id;
      this.#use((id && (await this.#trees.text(id))) ?? "");
      return this.#attributes;
    }
    const diff = commit.diffs.find(({ filename }) => filename === NAME);
    const patch = diff && parsePatch(diff.patch);
    if (patch) this.#use(applyPatch(new SourceText(this.#text), patch) ?? this.#text);
    return this.#attributes;
  }

  #use(text: string): void {
    this.#text = text;
    this.#attributes = new LinguistAttributes(text);
  }
}
