/**
 * The items of a comma-separated list, without spaces around them and without empty ones. A comma
 * with a backslash before it belongs to its item; the backslash stays.
 */
export const listItems = (text: string): string[] =>
  (text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? [])
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** A list in its normal form, each item once and in order; undefined for an empty one. */
export const normalList = (items: readonly string[]): string | undefined =>
  items.length === 0 ? undefined : [...new Set(items)].sort().join(",");
