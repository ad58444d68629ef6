import type { Chunk } from "@repotune/schema";
import { textHash } from "../hygiene/text-hash.ts";
import type { FileChange } from "../match/file-change.ts";
import type { TreeReader } from "../source/tree-reader.ts";
import { importTexts } from "./import-texts.ts";
import type { LinkedFile, LinkLanguage } from "./link-language.ts";
import { NameTable } from "./name-table.ts";
import { nearest, nearestFirst } from "./nearness.ts";
import { linkLanguageOf } from "./registry.ts";

/** Files named either way; the schema has the same bound. */
const MAX_LINKED = 8;

/**
 * Names that are remembered, some 100 bytes each: those of the files that changed last. A repository
 * of a thousand source files takes some 50,000.
 */
const MAX_NAMES = 1 << 19;

/** Imports of one file; more are written by machines. */
const MAX_IMPORTS = 128;

/** Longest name, in UTF-16 units; what is longer names no file. */
const MAX_LENGTH = 512;

/** Files that are asked whether they import another, the nearest first. */
const MAX_ASKED = 64;

/** Files that a file imports, and that import it, as a chunk names them. */
export type LinkedFiles = NonNullable<Chunk["linked_files"]>;

interface Entry {
  language: LinkLanguage;
  /** Equal as long as the file says the same of imports, which most changes leave as it is. */
  hash: string;
  names: string[];
  imports: string[][];
}

/**
 * Knows which files the code links with which, as the history last showed each of them.
 *
 * A file is known by names, and imports others by names; who imports a file is found by its names.
 * So each file of a commit costs as much as it has imports, whatever the size of the repository.
 */
export class LinkIndex {
  readonly #trees: TreeReader | undefined;
  readonly #files = new Map<string, Entry>();
  readonly #named = new NameTable();
  readonly #importers = new NameTable();
  #nameCount = 0;

  /** @param trees tells which files a commit has; without it, all that the history left are taken. */
  constructor(trees: TreeReader | undefined) {
    this.#trees = trees;
  }

  /**
   * Takes note of what the changed files of a commit import now, and says what they are linked with.
   *
   * @param treeId the commit's tree.
   * @returns only files that are linked with any.
   */
  async follow(files: FileChange[], treeId: string): Promise<Map<FileChange, LinkedFiles>> {
    for (const file of files) this.#learn(file);
    const found = new Map<FileChange, LinkedFiles>();
    for (const file of files) {
      const links = await this.#linksOf(file.diff.filename, treeId);
      if (links) found.set(file, links);
    }
    for (const { diff } of files) if (diff.change_type === "D") this.#forget(diff.filename);
    return found;
  }

  /** A file that is removed stays known as it was until its links are told. */
  #learn({ diff, modules, language: name, old, new: fresh }: FileChange): void {
    const { filename: path, old_filename, change_type } = diff;
    if (change_type === "R" && old_filename !== null) this.#forget(old_filename);
    const language = linkLanguageOf(name);
    const side = fresh ?? (this.#files.has(path) ? null : old);
    if (!language || !side) return;
    const file = { path, modules, texts: importTexts(side, language.kinds) };
    const hash = textHash(JSON.stringify([modules, file.texts])).join();
    const known = this.#files.get(path);
    if (known?.hash === hash && known.language === language) this.#touch(path, known);
    else this.#set(path, entryOf(language, hash, file));
  }

  /** Makes a file the one that changed last. */
  #touch(path: string, entry: Entry): void {
    this.#files.delete(path);
    this.#files.set(path, entry);
  }

  #forget(path: string): void {
    const entry = this.#files.get(path);
    if (!entry) return;
    this.#files.delete(path);
    this.#nameCount -= sizeOf(entry);
    for (const known of entry.names) this.#named.remove(known, path);
    for (const name of entry.imports.flat()) this.#importers.remove(name, path);
  }

  /** Files that the one at `path` imports, and that import it, as far as the tree has them. */
  async #linksOf(path: string, treeId: string): Promise<LinkedFiles | undefined> {
    const entry = this.#files.get(path);
    if (!entry) return undefined;
    const imported = new Set(entry.imports.flatMap((names) => this.#filesMeant(path, names)));
    imported.delete(path);
    const importers = new Set(
      entry.names.flatMap((name) => [...(this.#importers.get(name) ?? [])]),
    );
    importers.delete(path);
    const links: LinkedFiles = {
      imports: await this.#choose(nearestFirst(imported, path), treeId),
      imported_by: await this.#choose(
        nearestFirst(importers, path)
          .slice(0, MAX_ASKED)
          .filter((other) => this.#imports(other, path, entry)),
        treeId,
      ),
    };
    return links.imports.length + links.imported_by.length > 0 ? links : undefined;
  }

  #set(path: string, entry: Entry): void {
    this.#forget(path);
    this.#files.set(path, entry);
    for (const name of entry.names) this.#named.add(name, path);
    for (const name of entry.imports.flat()) this.#importers.add(name, path);
    this.#nameCount += sizeOf(entry);
    for (const oldest of this.#files.keys()) {
      if (this.#nameCount <= MAX_NAMES) break;
      this.#forget(oldest);
    }
  }

  /** Whether the file `from` imports the one at `path` by one of its names. */
  #imports(from: string, path: string, { names }: Entry): boolean {
    return (this.#files.get(from)?.imports ?? []).some(
      (meant) =>
        meant.some((name) => names.includes(name)) && this.#filesMeant(from, meant).includes(path),
    );
  }

  /** Files that an import means: those of the first name that there are files of. */
  #filesMeant(from: string, names: string[]): string[] {
    for (const name of names) {
      const files = this.#named.get(name);
      if (!files) continue;
      if (this.#files.get(from)?.language.isShared) return [...files];
      const file = nearest(files, from);
      return file === undefined ? [] : [file];
    }
    return [];
  }

  /** The first of `paths` that the tree has, in order of paths. */
  async #choose(paths: string[], treeId: string): Promise<string[]> {
    const chosen: string[] = [];
    for (const path of paths) {
      if (chosen.length === MAX_LINKED) break;
      const isThere = !this.#trees || (await this.#trees.find(treeId, path)) !== undefined;
      if (isThere) chosen.push(path);
    }
    return chosen.sort();
  }
}

const sizeOf = ({ names, imports }: Entry) =>
  imports.reduce((sum, meant) => sum + meant.length, names.length);

function entryOf(language: LinkLanguage, hash: string, file: LinkedFile): Entry {
  // Joined with the language's name, a name holds on to no more than itself of the file's text.
  const known = (names: string[]) =>
    [...new Set(names)]
      .filter((name) => name !== "" && name.length <= MAX_LENGTH)
      .map((name) => `${language.name} ${name}`);
  const imports = new Map<string, string[]>();
  for (const names of language.importsOf(file)) {
    const meant = known(names);
    if (meant.length > 0) imports.set(meant.join(), meant);
    if (imports.size === MAX_IMPORTS) break;
  }
  return { language, hash, names: known(language.namesOf(file)), imports: [...imports.values()] };
}
