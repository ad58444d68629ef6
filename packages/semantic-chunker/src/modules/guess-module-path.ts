import { posix } from "node:path";
import { identifier } from "./cargo-targets.ts";
import { segmentsBelow } from "./folders.ts";

/** Files that are their folder's module, or the crate's root. */
const FOLDER_FILES = new Set(["mod", "lib", "main"]);

/**
 * Module that a Rust file without a manifest seems to be: the folder above `src`, `tests`, `benches`
 * or `examples` names the crate.
 */
export function guessModulePath(path: string): string[] {
  const parts = path.replace(/\.rs$/, "").split("/");
  const at = parts.findLastIndex((part) => /^(src|tests|benches|examples)$/.test(part));
  const folder = parts.slice(0, Math.max(0, at)).join("/");
  const inside = segmentsBelow(parts.join("/"), folder);
  if (inside[0] === "src") inside.shift();
  if (FOLDER_FILES.has(inside.at(-1) ?? "")) inside.pop();
  return [folder === "" ? "crate" : posix.basename(folder), ...inside].map(identifier);
}
