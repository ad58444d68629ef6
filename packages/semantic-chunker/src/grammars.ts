import { createRequire } from "node:module";
import type { Parser } from "web-tree-sitter";
import { recoverRuntime, startRuntime } from "./parser-runtime.ts";

/**
 * Where each grammar's WebAssembly comes from, as a module path.
 *
 * `tree-sitter-rust` 0.24.0 ships a usable `tree-sitter-rust/tree-sitter-rust.wasm`, too; it does
 * not know `&raw const`, on which the build below, from a later state of the same grammar, does not
 * stumble. `tree-sitter-c` comes with an install script; the grammar of C++ reads C as well, and
 * headers, which may be either. Another source is another path.
 */
const GRAMMARS = {
  rust: "@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm",
  python: "@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm",
  javascript: "@vscode/tree-sitter-wasm/wasm/tree-sitter-javascript.wasm",
  typescript: "@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm",
  tsx: "@vscode/tree-sitter-wasm/wasm/tree-sitter-tsx.wasm",
  go: "@vscode/tree-sitter-wasm/wasm/tree-sitter-go.wasm",
  java: "@vscode/tree-sitter-wasm/wasm/tree-sitter-java.wasm",
  cpp: "@vscode/tree-sitter-wasm/wasm/tree-sitter-cpp.wasm",
  bash: "@vscode/tree-sitter-wasm/wasm/tree-sitter-bash.wasm",
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

/**
 * Gives a parser up that has thrown an error, in whatever state that left it: freeing what it holds
 * might fail the same way. The next call of {@link loadParser} makes another.
 */
export function abandonParser(name: GrammarName): void {
  parsers.delete(name);
  recoverRuntime();
}

async function load(name: GrammarName): Promise<Parser> {
  const { Language, Parser } = await import("web-tree-sitter");
  await startRuntime();
  const path = createRequire(import.meta.url).resolve(GRAMMARS[name]);
  return new Parser().setLanguage(await Language.load(path));
}
