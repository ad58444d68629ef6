/** Follows rustc from the root of a crate to its files, with nothing of the chunker's. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** More nested modules than anyone writes; deeper ones are a circle. */
const MAX_DEPTH = 64;

/** The text with comments and what is in strings blanked, but for the strings of `path = "…"`. */
function codeOf(text) {
  const skipped =
    /\/\/.*|\/\*[\s\S]*?\*\/|\bpath\s*=\s*"[^"]*"|\br(#*)"[\s\S]*?"\1|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\\n]|\\[^\n]{1,9})'/g;
  return text.replace(skipped, (match) => (match.startsWith("path") ? match : " "));
}

/** `mod name;` with the inline modules around it and the paths that attributes give. */
export function* modsIn(text) {
  const around = [];
  let depth = 0;
  let paths = [];
  const tokens = /\bmod\s+(?:r#)?(\w+)\s*([;{])|\bpath\s*=\s*"([^"]*)"|[{};]/g;
  for (const [token, name, end, path] of codeOf(text).matchAll(tokens)) {
    if (path !== undefined) {
      paths.push(path);
      continue;
    }
    if (end === ";") yield { name, around: around.map((module) => module.name), paths };
    if (end === "{") around.push({ name, depth });
    if (end === "{" || token === "{") depth += 1;
    if (token === "}") {
      depth -= 1;
      if (around.at(-1)?.depth === depth) around.pop();
    }
    paths = [];
  }
}

/** Adds the files below a crate's root, each with all modules that it is, to `found`. */
export function followCrate(file, modules, found, isModRs = true, depth = 0) {
  if (depth > MAX_DEPTH || !existsSync(file)) return;
  const known = found.get(file) ?? new Set();
  const path = modules.join("::");
  if (known.has(path)) return;
  found.set(file, known.add(path));
  const home = isModRs ? dirname(file) : join(dirname(file), basename(file, ".rs"));
  for (const { name, around, paths } of modsIn(readFileSync(file, "utf8"))) {
    const inner = [...modules, ...around, name];
    const base = around.length === 0 ? dirname(file) : join(home, ...around);
    for (const to of paths) followCrate(join(base, to), inner, found, true, depth + 1);
    if (paths.length > 0) continue;
    followCrate(join(home, ...around, `${name}.rs`), inner, found, false, depth + 1);
    followCrate(join(home, ...around, name, "mod.rs"), inner, found, true, depth + 1);
  }
}
