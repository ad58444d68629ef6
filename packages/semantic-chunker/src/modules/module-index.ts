import type { Commit, Diff } from "@repotune/schema";
import type { TreeReader } from "../source/tree-reader.ts";
import { ecmascriptModulePath } from "./ecmascript-module-path.ts";
import { goModulePath } from "./go-module-path.ts";
import { goModuleOf, npmNameOf } from "./manifest-names.ts";
import { type Package, PackageIndex } from "./package-index.ts";
import { PythonPackages } from "./python-packages.ts";
import { RustModules } from "./rust-modules.ts";

/**
 * Knows which module a file is, in the terms of its language. The first segment is the name by
 * which other code imports the package; namespaces and packages that the text of a file declares,
 * as in C++ and Java, are not known here but are part of its units' scope.
 */
export class ModuleIndex {
  readonly #rust: RustModules;
  readonly #npmPackages: PackageIndex;
  readonly #goModules: PackageIndex;
  readonly #pythonPackages: PythonPackages;

  constructor(trees: TreeReader | undefined) {
    this.#rust = new RustModules(trees);
    this.#npmPackages = new PackageIndex(trees, "package.json", named(npmNameOf));
    this.#goModules = new PackageIndex(trees, "go.mod", named(goModuleOf));
    this.#pythonPackages = new PythonPackages(trees);
  }

  /** Takes note of the manifests that a commit's patches show. */
  learn(commit: Commit): void {
    this.#rust.learn(commit);
    this.#npmPackages.learn(commit);
    this.#goModules.learn(commit);
    this.#pythonPackages.learn(commit);
  }

  /** Module that a changed file is, segment by segment; empty for languages without modules. */
  async modulesOf(commit: Commit, diff: Diff, language: string): Promise<string[]> {
    const { filename: path, change_type } = diff;
    const { tree_hash } = commit.metadata;
    const inPackage = async (
      index: PackageIndex,
      modulePath: (path: string, found: Package | undefined) => string[],
    ) => modulePath(path, await index.packageOf(path, tree_hash, change_type === "D"));
    switch (language) {
      case "rust":
        return this.#rust.modulePathOf(path, tree_hash, change_type === "D");
      case "javascript":
      case "typescript":
      case "tsx":
        return inPackage(this.#npmPackages, ecmascriptModulePath);
      case "go":
        return inPackage(this.#goModules, goModulePath);
      case "python":
        return this.#pythonPackages.modulePathOf(path, tree_hash);
      default:
        return [];
    }
  }
}

/** Reads a manifest of which only the name matters. */
const named = (nameOf: (text: string) => string | undefined) => (text: string) => {
  const name = nameOf(text);
  return name === undefined ? undefined : { name };
};
