import { posix } from "node:path";
import { type CargoManifest, TARGET_KINDS, type TargetKind } from "./cargo-manifest.ts";

/** The root of a crate that a package consists of. */
export interface CargoTarget {
  /** Path of its root file, from the package's folder. */
  path: string;
  /** Module that the root is, below the crate's name. */
  modules: string[];
}

/** Folder in which Cargo looks for targets of a kind, and the module that they lie in. */
export const TARGET_FOLDERS: Record<TargetKind, { folder: string; module: string }> = {
  bin: { folder: "src/bin", module: "bin" },
  test: { folder: "tests", module: "tests" },
  bench: { folder: "benches", module: "benches" },
  example: { folder: "examples", module: "examples" },
};

const LIBRARY = "src/lib.rs";
const BINARY = "src/main.rs";

/**
 * The targets of a package, but for those that Cargo discovers in {@link TARGET_FOLDERS}.
 *
 * The library, and the binary that stands for the package, are called after the crate; others
 * `bin::name`, `tests::name`, … after the name that the manifest gives them.
 *
 * @param exists whether there is a file, where that is known. A target without a `path` may lie in one
 *   of two places; if neither is known, both are given.
 */
export async function targetsOf(
  { lib, listed, packageName, build }: CargoManifest,
  exists: (path: string) => Promise<boolean>,
): Promise<CargoTarget[]> {
  const targets: CargoTarget[] = [
    { path: cleanPath(lib?.path ?? LIBRARY), modules: [] },
    { path: BINARY, modules: [] },
    { path: cleanPath(build), modules: ["build"] },
  ];
  const hasLibrary = lib !== undefined || (await exists(LIBRARY));
  const isOnly = listed.bin.length === 1 && !(await exists(BINARY));
  const standsForPackage = (kind: TargetKind, name: string) =>
    kind === "bin" && !hasLibrary && (name === packageName || isOnly);
  for (const kind of TARGET_KINDS) {
    const { folder, module } = TARGET_FOLDERS[kind];
    for (const { name = "", path } of listed[kind]) {
      const modules = standsForPackage(kind, name) ? [] : [module, identifier(name)];
      const paths = path === undefined ? await usualPaths(folder, name, exists) : [cleanPath(path)];
      for (const root of paths) targets.push({ path: root, modules });
    }
  }
  return targets;
}

/** A name as code spells it. */
export const identifier = (name: string): string => name.replaceAll("-", "_");

async function usualPaths(
  folder: string,
  name: string,
  exists: (path: string) => Promise<boolean>,
): Promise<string[]> {
  const paths = [`${folder}/${name}.rs`, `${folder}/${name}/main.rs`];
  for (const path of paths) if (await exists(path)) return [path];
  return paths;
}

const cleanPath = (path: string) => posix.normalize(path).replace(/^\.\//, "");
