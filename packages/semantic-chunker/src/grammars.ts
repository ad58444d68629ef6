import { createRequire } from "node:module";
import type { Parser } from "web-tree-sitter";

/**
 * Where each grammar's WebAssembly comes from, as a module path.
 *
 * `tree-sitter-rust` 0.24.0 ships a usable `tree-sitter-rust/tree-sitter-rust.wasm`, too; it does
 * not know `&raw const`, on which the build below, from a later state of the same grammar, does not
 * stumble. Another source is another path.
 */
const GRAMMARS = {
  rust: "@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm",
};

export type GrammarName = keyof typeof GRAMMARS;

const parsers = new Map<GrammarName, Promise<Parser>>();

/** The parser of a grammar; loaded at the first call, then shared. */
export function loadParser(name: GrammarName): Promise<Parser> {
  const known = parsers.get(name);
  if (known) return known;
  const parser = load(name);
  parsers.set(name, parser);
  return parser;
}

async function load(name: GrammarName): Promise<Parser> {
  const { Language, Parser } = await import("web-tree-sitter");
  await Parser.init();
  const path = createRequire(import.meta.url).resolve(GRAMMARS[name]);
  return new Parser().setLanguage(await Language.load(path));
}
