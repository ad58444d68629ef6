import { baseName } from "./names.ts";
import type { TaskUnit } from "./task-unit.ts";

/** A declaration with its attributes and comments; a module with a body has more lines. */
const MAX_LINES = 4;

/**
 * Leaves out the declarations of modules whose files came, went or moved in the same commit: the files
 * tell as much.
 */
export function withoutDeclarations(units: TaskUnit[]): TaskUnit[] {
  const isDeclaration = ({ kind, lines }: TaskUnit) => kind === "module" && lines <= MAX_LINES;
  if (!units.some(isDeclaration)) return units;
  const files = units.filter(({ change_category }) => /[ADR]/.test(change_category));
  const modules = new Set(files.map(({ file_path }) => moduleOf(file_path)));
  return units.filter(
    (unit) => !isDeclaration(unit) || !modules.has(unit.qualified_name?.split("::").at(-1) ?? ""),
  );
}

/** The name under which a file is declared. */
function moduleOf(path: string): string {
  const name = baseName(path).replace(/\..*/, "");
  return name === "mod" ? (path.split("/").at(-2) ?? name) : name; // `mod.rs`
}
