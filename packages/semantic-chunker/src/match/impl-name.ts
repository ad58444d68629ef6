import type { Unit } from "../source/unit.ts";

/**
 * Whether two units are one `impl`, spelled otherwise: `<Error as fmt::Display>` and
 * `<Error as std::fmt::Display>`, `Jar` and `Jar<K>`, `Lock<'a, W>` and `Lock<W>`. Of two with type
 * arguments, these must be the same: `<Error as From<A>>` is not `<Error as From<B>>`.
 */
export function isRespelled(a: Unit, b: Unit): boolean {
  if (a.kind !== "impl" || b.kind !== "impl" || a.name === null || b.name === null) return false;
  if (a.scope.join("::") !== b.scope.join("::")) return false;
  const [partsA, partsB] = [partsOf(a.name), partsOf(b.name)];
  return (
    partsA.length === partsB.length &&
    partsA.every((part, index) => isSamePart(part, partsB[index] ?? ""))
  );
}

/** The type, and the trait if there is one, without the paths to them and without lifetimes. */
function partsOf(name: string): string[] {
  const inside = name.startsWith("<") ? name.slice(1, -1) : name;
  return inside
    .split(" as ")
    .map((part) => part.replace(/\w{1,100}::|'\w{1,100}(?:, ?)?/g, "").replace("<>", ""));
}

function isSamePart(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return !short.includes("<") && long.startsWith(`${short}<`);
}
