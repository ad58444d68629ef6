/** Longest name that is told whole. */
const MAX_NAME = 56;

/** A name in back quotes, fit for one line. */
export const quoted = (name: string): string => `\`${printable(name)}\``;

/** Control characters and line ends would break the line, a back quote its quotes. */
function printable(name: string): string {
  const text = name
    .slice(0, 4 * MAX_NAME)
    .replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ")
    .replaceAll("`", "'")
    .trim();
  const characters = [...text];
  if (characters.length <= MAX_NAME) return text;
  const half = (MAX_NAME - 1) >> 1;
  return `${characters.slice(0, half).join("")}…${characters.slice(-half).join("")}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** `a test`, `3 tests`. */
export const counted = (count: number, noun: string): string =>
  count === 1 ? `a ${noun}` : `${count} ${noun}s`;

/** A path by its last two parts: `Cargo.toml`, `cli/Cargo.toml`. */
export const shortPath = (path: string): string => path.split("/").slice(-2).join("/");

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
