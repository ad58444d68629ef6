/** No name is longer; the patterns take quadratic time on what only resembles one. */
const MAX_LINE = 500;

/**
 * Name of the package that a `package.json` describes: the outermost `name`.
 *
 * @param manifest all of it, or the part that a patch shows.
 */
export function npmNameOf(manifest: string): string | undefined {
  let depth = Number.POSITIVE_INFINITY;
  let name: string | undefined;
  for (const line of manifest.split("\n")) {
    const match = /^([\s{]*)"name"\s*:\s*"([^"\\]+)"/.exec(line.slice(0, MAX_LINE));
    if (!match || (match[1]?.length ?? 0) >= depth) continue;
    depth = match[1]?.length ?? 0;
    name = match[2];
  }
  return name;
}

/** Path of the module that a `go.mod` describes. */
export function goModuleOf(manifest: string): string | undefined {
  for (const line of manifest.split("\n")) {
    const match = /^module\s+"?([^\s"]+)/.exec(line.slice(0, MAX_LINE));
    if (match) return match[1];
  }
  return undefined;
}
