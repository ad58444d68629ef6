/** Longest name that is told whole. */
const MAX_NAME = 48;

/** A name in back quotes, fit for one line. */
export const quoted = (name: string): string => `\`${printable(name)}\``;

/** Control characters and line ends would break the line, a back quote its quotes. */
function printable(name: string): string {
  const text = name
    .slice(0, 4 * MAX_NAME)
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1") // A heading may be a link.
    .replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ")
    .replaceAll("`", "'")
    .trim();
  const characters = [...text];
  if (characters.length <= MAX_NAME) return text;
  const half = (MAX_NAME - 1) >> 1;
  return `${characters.slice(0, half).join("")}…${characters.slice(-half).join("")}`;
}

/** The first of several names for the same that can be told whole, or the last. */
export const whole = (...names: [string, ...string[]]): string =>
  names.find((name) => name.length <= MAX_NAME) ?? names[names.length - 1] ?? names[0];

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** `a test`, `3 tests`. */
export const counted = (count: number, noun: string): string =>
  count === 1 ? `a ${noun}` : `${count} ${noun}s`;

/** Folders whose names say nothing of what is in them. */
const PLAIN_FOLDERS = new Set(["src", "lib"]);

/** A path by its last parts: `Cargo.toml`, `cli/Cargo.toml`, `cli/src/lib.rs`. */
export function shortPath(path: string): string {
  const parts = path.split("/").slice(-3);
  return parts.slice(PLAIN_FOLDERS.has(parts.at(-2) ?? "") ? -3 : -2).join("/");
}

/** The folder of a path by its last parts; empty at the root. */
export function shortFolder(path: string): string {
  const parts = path.split("/").slice(-4, -1);
  return parts.slice(PLAIN_FOLDERS.has(parts.at(-2) ?? "") ? -3 : -2).join("/");
}

/** A path's last part. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * A module by its last two parts: `globset::serde_impl`. A part that is a path, as a Go package's is,
 * is called by its end.
 */
export const shortModule = (module: string): string =>
  module
    .split("::")
    .slice(-2)
    .map((part) => part.slice(part.lastIndexOf("/") + 1))
    .join("::");

/** A name within its module: `Config::hir`. */
export function nameWithin(qualified: string, module: string | null): string {
  const prefix = `${module}::`;
  return module !== null && qualified.startsWith(prefix)
    ? qualified.slice(prefix.length)
    : qualified;
}
