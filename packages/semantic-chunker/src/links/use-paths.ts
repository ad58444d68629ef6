/** Paths that one text may name. */
const MAX_PATHS = 1024;

const DECLARATION = /\b(?:use|extern\s+crate)\s+/g;

/**
 * Paths that the `use` and `extern crate` declarations of a Rust text name, those in braces one by
 * one, without `self` and `*` at their ends.
 */
export function usePaths(text: string): string[][] {
  const plain = text.replace(/\/\/.*/g, "");
  const found: string[][] = [];
  let end = 0;
  for (const { 0: opening, index } of plain.matchAll(DECLARATION)) {
    if (index < end) continue;
    end = plain.indexOf(";", index);
    if (end < 0) break;
    for (const path of expand(plain.slice(index + opening.length, end))) {
      found.push(path);
      if (found.length === MAX_PATHS) return found;
    }
  }
  return found;
}

function* expand(tree: string): Generator<string[]> {
  let path: string[] = [];
  /** Lengths of the paths before the braces around. */
  const outer: number[] = [];
  let isAlias = false;
  let isOpen = false;
  for (const [token] of tree.matchAll(/[\w\u0080-\uffff]+|[{},*]/g)) {
    if (token === "{") outer.push(path.length);
    else if (token === "," || token === "}") {
      if (isOpen) yield path;
      path = path.slice(0, (token === "}" ? outer.pop() : outer.at(-1)) ?? 0);
      isAlias = false;
      isOpen = false;
    } else {
      isOpen = true;
      if (token === "as") isAlias = true;
      const isPart = token !== "*" && token !== "r" && !(token === "self" && path.length > 0);
      if (isPart && !isAlias) path = [...path, token];
    }
  }
  if (isOpen) yield path;
}
