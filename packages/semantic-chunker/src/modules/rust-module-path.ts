import { posix } from "node:path";
import { segmentsBelow } from "./folders.ts";
import type { Package } from "./package-index.ts";

/** Files that are their folder's module, or the crate's root. */
const FOLDER_FILES = new Set(["mod", "lib", "main"]);

/**
 * Module that a Rust file is, from its crate down: `src/ledger/store.rs` of crate `node` is
 * `node::ledger::store`, `tests/sync.rs` is `node::tests::sync`.
 *
 * Without a manifest, the folder above `src`, `tests`, `benches` or `examples` names the crate.
 */
export function rustModulePath(path: string, crate: Package | undefined): string[] {
  const stem = path.replace(/\.rs$/, "");
  const known = crate ?? guessCrate(stem.split("/"));
  const inside = segmentsBelow(stem, known.folder);
  if (inside[0] === "src") inside.shift();
  if (FOLDER_FILES.has(inside.at(-1) ?? "")) inside.pop();
  return [known.name, ...inside.map((part) => part.replaceAll("-", "_"))];
}

function guessCrate(parts: string[]): Package {
  const at = parts.findLastIndex((part) => /^(src|tests|benches|examples)$/.test(part));
  const folder = parts.slice(0, Math.max(0, at)).join("/");
  const name = folder === "" ? "crate" : posix.basename(folder).replaceAll("-", "_");
  return { name, folder };
}
