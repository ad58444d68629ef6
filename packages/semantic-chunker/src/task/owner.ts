import { nameWithin } from "./names.ts";
import type { TaskUnit } from "./task-unit.ts";

/** The type that a unit is, or belongs to, and the trait that is implemented for it. */
export interface Owner {
  /** Within its module, without parameters. */
  type: string;
  trait: string | null;
}

const TYPES = new Set(["struct", "enum", "union", "trait", "class", "interface", "type"]);

export const isType = ({ kind }: TaskUnit): boolean => TYPES.has(kind);

/** The owner of a type, an `impl` or a member; null for what belongs to no type. */
export function ownerOf(unit: TaskUnit): Owner | null {
  const { kind, qualified_name, module_path, function_name } = unit;
  if (qualified_name === null) return null;
  const name = nameWithin(qualified_name, module_path);
  if (isType(unit) || kind === "impl") return parseOwner(name);
  const ending = `::${function_name}`;
  return name.endsWith(ending) ? parseOwner(name.slice(0, -ending.length)) : null;
}

/** Reads `Type<P>`, or `<Type<P> as path::Trait<Q>>`. */
function parseOwner(text: string): Owner {
  const inner = text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
  const at = inner === text ? -1 : outerAs(inner);
  if (at < 0) return { type: withoutParameters(text), trait: null };
  const trait = withoutParameters(inner.slice(at + AS.length));
  return {
    type: withoutParameters(inner.slice(0, at)),
    trait: trait.slice(trait.lastIndexOf("::") + 1).replace(/^:/, ""),
  };
}

const AS = " as ";

/** Where ` as ` stands outside of all brackets; -1 if it does not. */
function outerAs(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "<") depth += 1;
    if (text[at] === ">") depth -= 1;
    if (depth === 0 && text.startsWith(AS, at)) return at;
  }
  return -1;
}

function withoutParameters(text: string): string {
  const name = text.replace(/^&\s*('\w+\s+)?(mut\s+)?/, "");
  const at = name.indexOf("<");
  return at > 0 ? name.slice(0, at) : name;
}
