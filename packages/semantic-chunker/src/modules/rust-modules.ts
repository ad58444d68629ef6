import { posix } from "node:path";
import type { Commit } from "@repotune/schema";
import { LruCache } from "../source/lru-cache.ts";
import type { TreeReader } from "../source/tree-reader.ts";
import { type CargoManifest, readCargoManifest, TARGET_KINDS } from "./cargo-manifest.ts";
import { type CargoTarget, identifier, TARGET_FOLDERS, targetsOf } from "./cargo-targets.ts";
import { FarRoots } from "./far-roots.ts";
import { folderOf } from "./folders.ts";
import { guessModulePath } from "./guess-module-path.ts";
import { type ModDeclaration, modDeclarations } from "./mod-declarations.ts";
import { type Package, PackageIndex } from "./package-index.ts";
import { PathAttributes } from "./path-attributes.ts";

/** Files whose declarations are remembered. */
const MAX_FILES = 4096;
/** Packages whose targets are remembered: those of a commit. */
const MAX_PACKAGES = 256;
/** Files that lead to one another by attributes; more is a circle. */
const MAX_ATTRIBUTES = 8;

/** A package in the tree of a commit. */
interface Crate extends Package<CargoManifest> {
  treeId: string;
  targets: CargoTarget[];
}

/**
 * Knows which module a Rust file is, from its crate down: `src/ledger/store.rs` of crate `node` is
 * `node::ledger::store`, `tests/sync.rs` is `node::tests::sync`.
 *
 * It follows rustc from a target's root to the files below it: a file is a module of the root in
 * its folder, or of the file or `mod.rs` that the folder is called after. Other files are read only
 * where that leaves a choice: for `#[path]` attributes, and for several roots in one folder.
 */
export class RustModules {
  readonly #trees: TreeReader | undefined;
  readonly #packages: PackageIndex<CargoManifest>;
  readonly #attributes = new PathAttributes();
  readonly #farRoots = new FarRoots();
  readonly #declarations = new LruCache<ModDeclaration[]>(MAX_FILES);
  readonly #targets = new LruCache<CargoTarget[]>(MAX_PACKAGES);

  constructor(trees: TreeReader | undefined) {
    this.#trees = trees;
    this.#packages = new PackageIndex(trees, "Cargo.toml", readCargoManifest);
  }

  /** Takes note of the manifests and attributes that a commit's patches show. */
  learn(commit: Commit): void {
    this.#packages.learn(commit);
    this.#attributes.learn(commit);
    this.#farRoots.learn(commit);
  }

  /**
   * Module that the file at `path` is in the tree `treeId`.
   *
   * @param isGone whether the file is no longer in that tree.
   */
  async modulePathOf(path: string, treeId: string, isGone: boolean): Promise<string[]> {
    const found = await this.#packages.packageOf(path, treeId, isGone);
    const far = await this.#moduleElsewhere(path, treeId, found);
    if (far) return far;
    if (!found) return guessModulePath(path);
    const crate = await this.#crateOf(found, treeId);
    return [crate.name, ...(await this.#moduleOf(posix.relative(crate.folder, path), crate, 0))];
  }

  /** Module of a file that another package has for a root, or leads to if it lies in no package. */
  async #moduleElsewhere(
    path: string,
    treeId: string,
    own: Package | undefined,
  ): Promise<string[] | undefined> {
    const folder = this.#farRoots.folderOf(path);
    if (folder !== undefined) {
      const crate = await this.#crateAt(posix.join(folder, "Cargo.toml"), treeId);
      const root = crate?.targets.find((one) => one.path === posix.relative(folder, path));
      if (crate && root) return [crate.name, ...root.modules];
    }
    if (own) return undefined;
    for (const holder of this.#attributes.holdersOf(posix.basename(path))) {
      const crate = await this.#crateAt(holder, treeId);
      if (!crate) continue;
      const inside = posix.relative(crate.folder, path);
      const modules = await this.#moduleByAttribute(inside, crate, 0);
      if (modules) return [crate.name, ...modules];
    }
    return undefined;
  }

  /** @param path from the crate's folder, as the result is from the crate's name. */
  async #moduleOf(path: string, crate: Crate, depth: number): Promise<string[]> {
    const root = crate.targets.find((target) => target.path === path);
    if (root) return root.modules;
    const attributed = await this.#moduleByAttribute(path, crate, depth);
    if (attributed) return attributed;
    const discovered = discoveredTarget(path, crate.manifest);
    if (discovered) return discovered;
    const name = nameOf(path);
    if (name === "mod") return this.#moduleOfFolder(folderOf(path), crate, depth);
    const owner = await this.#ownerOf(folderOf(path), name, crate, depth);
    return [...owner, identifier(name)];
  }

  /** Module that a folder's files belong to, `mod.rs` itself being that module. */
  async #moduleOfFolder(folder: string, crate: Crate, depth: number): Promise<string[]> {
    if (folder === "" || folder === "src") return [];
    const name = posix.basename(folder);
    return [...(await this.#ownerOf(folderOf(folder), name, crate, depth)), identifier(name)];
  }

  /** Module in `folder` that declares the module `name`. */
  async #ownerOf(folder: string, name: string, crate: Crate, depth: number): Promise<string[]> {
    const roots = crate.targets.filter(
      ({ path, modules }) => folderOf(path) === folder && modules[0] !== "build",
    );
    const kind = TARGET_KINDS.find((candidate) => TARGET_FOLDERS[candidate].folder === folder);
    const isSole = new Set(roots.map(({ modules }) => modules.join("::"))).size === 1;
    if (roots[0] && isSole && !(kind && crate.manifest.isDiscovered[kind])) return roots[0].modules;
    for (const { path, modules } of roots) {
      if (await this.#declares(path, name, crate)) return modules;
    }
    if (kind) return [TARGET_FOLDERS[kind].module];
    return (
      (await this.#moduleByAttribute(posix.join(folder, "mod.rs"), crate, depth)) ??
      (await this.#moduleOfFolder(folder, crate, depth))
    );
  }

  /** Module of a file to which a `#[path]` attribute in the same package leads, and nothing else. */
  async #moduleByAttribute(
    path: string,
    crate: Crate,
    depth: number,
  ): Promise<string[] | undefined> {
    const { folder, treeId } = crate;
    if (depth >= MAX_ATTRIBUTES || !this.#trees) return undefined;
    for (const holder of this.#attributes.holdersOf(posix.basename(path))) {
      const from = posix.relative(folder, holder);
      if (from === path || from.startsWith("../")) continue;
      const declaration = (await this.#declarationsIn(from, crate)).find((candidate) =>
        leadsTo(candidate, from, path),
      );
      if (!declaration) continue;
      const other = await this.#packages.packageOf(holder, treeId, false);
      if (other?.folder !== folder) continue;
      if (await this.#isUsual(path, crate)) return undefined;
      const around = await this.#moduleOf(from, crate, depth + 1);
      return [...around, ...declaration.scope, declaration.name];
    }
    return undefined;
  }

  /** Whether the file is declared where it would be without attributes, too. */
  async #isUsual(path: string, crate: Crate): Promise<boolean> {
    const isFolder = nameOf(path) === "mod";
    const name = isFolder ? posix.basename(folderOf(path)) : nameOf(path);
    const folder = folderOf(isFolder ? folderOf(path) : path);
    const roots = crate.targets.filter((target) => folderOf(target.path) === folder);
    const parents = [
      ...roots.map((root) => root.path),
      posix.join(folder, "mod.rs"),
      `${folder}.rs`,
    ];
    for (const parent of parents) if (await this.#declares(parent, name, crate)) return true;
    return false;
  }

  async #declares(path: string, name: string, crate: Crate): Promise<boolean> {
    const declarations = await this.#declarationsIn(path, crate);
    return declarations.some((one) => identifier(name) === one.name && one.paths.length === 0);
  }

  /** @param path from the crate's folder. */
  async #declarationsIn(path: string, { folder, treeId }: Crate): Promise<ModDeclaration[]> {
    const id = await this.#trees?.find(treeId, posix.join(folder, path));
    if (id === undefined) return [];
    const known = this.#declarations.get(id);
    if (known) return known;
    const declarations = modDeclarations((await this.#trees?.text(id)) ?? "");
    this.#declarations.set(id, declarations, 1);
    return declarations;
  }

  /** The crate that the file at `path` belongs to by its place. */
  async #crateAt(path: string, treeId: string): Promise<Crate | undefined> {
    const found = await this.#packages.packageOf(path, treeId, false);
    return found && this.#crateOf(found, treeId);
  }

  async #crateOf(found: Package<CargoManifest>, treeId: string): Promise<Crate> {
    const { folder, manifest } = found;
    const key = `${treeId} ${folder}`;
    let targets = this.#targets.get(key);
    if (!targets) {
      const exists = async (path: string) =>
        (await this.#trees?.find(treeId, posix.join(folder, path))) !== undefined;
      targets = await targetsOf(manifest, exists);
      this.#targets.set(key, targets, 1);
    }
    return { ...found, treeId, targets };
  }
}

/** A file that Cargo takes for a target's root by its place. */
function discoveredTarget(path: string, manifest: CargoManifest): string[] | undefined {
  for (const kind of TARGET_KINDS) {
    const { folder, module } = TARGET_FOLDERS[kind];
    if (!path.startsWith(`${folder}/`)) continue;
    const [name = "", file] = path.slice(folder.length + 1).split("/");
    const isRoot =
      file === undefined ? manifest.isDiscovered[kind] : path === `${folder}/${name}/main.rs`;
    if (isRoot) return [module, identifier(file === undefined ? nameOf(name) : name)];
  }
  return undefined;
}

/**
 * Whether a declaration in the file `from` leads to the file `path`. The path in an attribute is
 * relative to the folder of the file; inside inline modules, to that of the modules.
 */
function leadsTo({ scope, paths }: ModDeclaration, from: string, path: string): boolean {
  const folder = folderOf(from);
  const bases =
    scope.length === 0
      ? [folder]
      : [posix.join(folder, ...scope), posix.join(folder, nameOf(from), ...scope)];
  return paths.some((to) => bases.some((base) => posix.join(base, to) === path));
}

const nameOf = (path: string) => posix.basename(path, ".rs");
