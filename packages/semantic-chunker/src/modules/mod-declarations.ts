import { lexisOf } from "../files/file-language.ts";
import { lex } from "../match/lexer.ts";

/** A declaration `mod name;`, which makes another file a module. */
export interface ModDeclaration {
  name: string;
  /** Modules of the same file that it stands in. */
  scope: string[];
  /** Paths that `#[path = "…"]` attributes give, also those in `cfg_attr`. */
  paths: string[];
}

/** Finds the declarations of modules in a Rust file, also those inside macro calls. */
export function modDeclarations(text: string): ModDeclaration[] {
  const { code } = lex(text, lexisOf("rust"));
  const found: ModDeclaration[] = [];
  /** Modules around, each with the depth of braces at which it ends. */
  const around: { name: string; depth: number }[] = [];
  let depth = 0;
  let paths: string[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const token = code[at];
    const [name = "", end] = [code[at + 1], code[at + 2]];
    if (token === "mod" && (end === ";" || end === "{")) {
      if (end === ";") found.push({ name, scope: around.map((module) => module.name), paths });
      else around.push({ name, depth });
      at += 1;
    } else if (token === "path" && name === "=" && end?.startsWith('"')) {
      paths = [...paths, end.slice(1, -1)];
    } else if (token === "{") {
      depth += 1;
      paths = [];
    } else if (token === "}") {
      depth -= 1;
      paths = [];
      while ((around.at(-1)?.depth ?? -1) >= depth) around.pop();
    } else if (token === ";") paths = [];
  }
  return found;
}
