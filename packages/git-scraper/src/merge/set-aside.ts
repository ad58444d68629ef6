/**
 * Conflicted paths under their own names.
 *
 * Where one side has a file and the other a folder, git sets the file aside as `path~<side>`, with
 * `_0`, `_1`, … behind if that is taken (unique_path in merge-ort.c). The side is named as it was
 * asked for: here, by its id.
 *
 * @returns in the order of bytes, none twice.
 */
export function ownPaths(paths: Buffer[], sides: { ours: string; theirs: string }): Buffer[] {
  const suffix = new RegExp(`~(?:${sides.ours}|${sides.theirs})(?:_\\d+)?$`);
  const names = paths.map((path) => path.toString("latin1"));
  if (!names.some((name) => suffix.test(name))) return paths;
  const own = new Set(names.map((name) => name.replace(suffix, "")));
  return [...own].sort().map((name) => Buffer.from(name, "latin1")); // In latin1, order of bytes.
}
