import { baseName } from "./names.ts";
import type { TaskUnit } from "./task-unit.ts";

/** A declaration with its attributes and comments; a module with a body has more lines. */
const MAX_LINES = 4;

/**
 * Leaves out the declarations of modules whose files came, went or moved in the same commit: the files
 * tell as much.
 */
export function withoutDeclarations(units: TaskUnit[]): TaskUnit[] {
  const modules = new Set(
    units.filter(({ change_category }) => /[ADR]/.test(change_category)).map(moduleOf),
  );
  return units.filter(
    ({ kind, lines, qualified_name }) =>
      kind !== "module" ||
      lines > MAX_LINES ||
      !modules.has(qualified_name?.split("::").at(-1) ?? ""),
  );
}

/** The name under which a file is declared. */
function moduleOf({ file_path }: TaskUnit): string {
  const name = baseName(file_path).replace(/\..*/, "");
  return name === "mod" ? (file_path.split("/").at(-2) ?? name) : name; // `mod.rs`
}
