/** No name is longer; the patterns take quadratic time on what only resembles one. */
const MAX_LINE = 500;

/**
 * Name by which code knows the crate that a `Cargo.toml` describes: its library's if that has one
 * of its own, else the package's, with underscores.
 *
 * @returns undefined for a manifest without a package, such as a workspace's.
 */
export function crateNameOf(manifest: string): string | undefined {
  let table = "";
  let packageName: string | undefined;
  let libraryName: string | undefined;
  for (const text of manifest.split("\n")) {
    const line = text.slice(0, MAX_LINE);
    const header = /^\s*\[\s*([^[\]]+?)\s*\]\s*(?:#.*)?$/.exec(line);
    if (header) table = header[1] ?? "";
    else if (/^\s*\[\[/.test(line)) table = "";
    const name = /^\s*name\s*=\s*(?:"([^"]+)"|'([^']+)')/.exec(line);
    const value = name?.[1] ?? name?.[2];
    if (value === undefined) continue;
    if (table === "package") packageName = value;
    if (table === "lib") libraryName = value;
  }
  return (libraryName ?? packageName)?.replaceAll("-", "_");
}
