import { manifestEntries } from "./manifest-entries.ts";

/** Kinds of targets of which a package may have several. */
export const TARGET_KINDS = ["bin", "test", "bench", "example"] as const;

export type TargetKind = (typeof TARGET_KINDS)[number];

/** A target as a manifest lists it. */
interface ListedTarget {
  name?: string | undefined;
  /** Path of its root file, from the manifest's folder. */
  path?: string | undefined;
}

/** What a `Cargo.toml` says of its package's targets. */
export interface CargoManifest {
  /** Name by which code knows the crate: its library's, else the package's, with underscores. */
  name: string;
  packageName: string;
  lib: ListedTarget | undefined;
  listed: Record<TargetKind, ListedTarget[]>;
  /** Whether files in a kind's usual folder are targets without being listed, too. */
  isDiscovered: Record<TargetKind, boolean>;
  /** Path of the build script. */
  build: string;
}

/**
 * Reads a `Cargo.toml`, or the part of it that a patch shows.
 *
 * @returns undefined for a manifest without a package, such as a workspace's.
 */
export function readCargoManifest(text: string): CargoManifest | undefined {
  const fields = new Map<string, string>();
  const listed: CargoManifest["listed"] = { bin: [], test: [], bench: [], example: [] };
  let lib: ListedTarget | undefined;
  for (const { table, isStart, key, value } of manifestEntries(text)) {
    // `[project]` and `[[lib]]` are what the first versions of Cargo read.
    if (table === "package" || table === "project") {
      if (key !== undefined && value !== undefined) fields.set(key, value);
    } else if (table === "lib") {
      lib = { ...lib, ...fieldOf(key, value) };
    } else if (isTargetKind(table)) {
      if (isStart) listed[table].push({});
      Object.assign(listed[table].at(-1) ?? {}, fieldOf(key, value));
    }
  }
  const packageName = fields.get("name") ?? lib?.name;
  if (packageName === undefined) return undefined;
  return {
    name: (lib?.name ?? packageName).replaceAll("-", "_"),
    packageName,
    lib,
    listed,
    isDiscovered: discovery(fields, listed),
    build: fields.get("build") ?? "build.rs",
  };
}

/**
 * Follows https://doc.rust-lang.org/cargo/reference/cargo-targets.html#target-auto-discovery: in the
 * first edition, to list a target is to list them all.
 */
function discovery(fields: Map<string, string>, listed: CargoManifest["listed"]) {
  const isFirstEdition = (fields.get("edition") ?? "2015") === "2015";
  const isDiscovered = (kind: TargetKind, key: string) =>
    fields.has(key) ? fields.get(key) === "true" : !isFirstEdition || listed[kind].length === 0;
  return {
    bin: isDiscovered("bin", "autobins"),
    test: isDiscovered("test", "autotests"),
    bench: isDiscovered("bench", "autobenches"),
    example: isDiscovered("example", "autoexamples"),
  };
}

const isTargetKind = (table: string): table is TargetKind =>
  (TARGET_KINDS as readonly string[]).includes(table);

const fieldOf = (key: string | undefined, value: string | undefined): ListedTarget =>
  key === "name" || key === "path" ? { [key]: value } : {};
