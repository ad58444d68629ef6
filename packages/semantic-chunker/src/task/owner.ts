import { nameWithin } from "./names.ts";
import type { TaskUnit } from "./task-unit.ts";

/** The type that a unit is, or belongs to, and the trait that is implemented for it. */
export interface Owner {
  /** Within its module, without parameters. */
  type: string;
  trait: string | null;
}

const TYPES = new Set(["struct", "enum", "union", "trait", "class", "interface", "type"]);

/** Whether a unit declares a type. */
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

/** A unit's name within its module, without parameters of types: `<Glob as Debug>::fmt`. */
export function plainName(unit: TaskUnit): string | null {
  const { qualified_name, module_path, function_name } = unit;
  if (qualified_name === null) return null;
  const owner = ownerOf(unit);
  if (!owner) return nameWithin(qualified_name, module_path);
  const { type, trait } = owner;
  const container = trait === null ? type : `<${type} as ${trait}>`;
  return function_name === null ? container : `${container}::${function_name}`;
}

/** Reads `Type<P>`, or `<Type<P> as path::Trait<Q>>`. */
function parseOwner(text: string): Owner {
  const isCast = text.startsWith("<") && text.endsWith(">");
  const inner = isCast ? text.slice(1, -1) : text;
  const at = isCast ? outerAs(inner) : -1;
  if (at < 0) return { type: withoutParameters(text), trait: null };
  const trait = withoutParameters(inner.slice(at + AS.length));
  return {
    type: withoutParameters(inner.slice(0, at)),
    trait: trait.split("::").at(-1) ?? trait,
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
