import type { UnitChange } from "../match/unit-change.ts";

/** What a chunk calls its unit: its kind, its names, and where it lies. */
export function namesOf(change: UnitChange) {
  const { file, hunk } = change;
  const unit = change.new?.unit ?? change.old?.unit;
  if (!unit) {
    const isWhole = hunk !== null && /[AD]/.test(file.diff.change_type);
    const heading = file.patch.hunks[hunk ?? 0]?.heading;
    return {
      kind: isWhole ? "file" : "hunk",
      function_name: null,
      qualified_name: null,
      module_path: file.modules.join("::") || null,
      section: heading || null,
    };
  }
  const { kind, name, container, section } = unit;
  const old_name = oldNameOf(change);
  const modules = [...file.modules, ...unit.scope];
  const isFunction = kind === "function" || kind === "method" || kind === "test";
  const parts = [...modules, ...(container === null ? [] : [container]), ...(name ? [name] : [])];
  return {
    kind,
    function_name: isFunction ? name : null,
    qualified_name: name !== null && section === null ? parts.join("::") : null,
    ...(old_name !== null && { old_name }),
    module_path: modules.join("::") || null,
    section,
  };
}

/** What a renamed unit was called. */
function oldNameOf({ op, old, new: fresh }: UnitChange): string | null {
  if (op !== "renamed" || !old || !fresh) return null;
  const before = old.unit.section ?? old.unit.name;
  return before === (fresh.unit.section ?? fresh.unit.name) ? null : before;
}
