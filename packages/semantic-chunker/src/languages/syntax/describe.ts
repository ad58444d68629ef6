import type { Node } from "web-tree-sitter";
import type { Item, Syntax } from "./syntax.ts";

/** More wrappers around one item than anyone writes. */
const MAX_WRAPPERS = 8;

/** Longest name; what is longer is no name. */
const MAX_NAME = 1000;

/** Describes a node that is an item, wrapped or not; undefined for any other. */
export function describeItem(
  { items, wrappers = {} }: Syntax,
  node: Node,
  text: string,
): Item | undefined {
  let inner = node;
  for (let depth = 0; depth < MAX_WRAPPERS; depth += 1) {
    const next = entryOf(wrappers, inner.type)?.(inner);
    if (!next) break;
    inner = next;
  }
  const rule = entryOf(items, inner.type);
  if (rule === undefined) return undefined;
  if (typeof rule === "function") return rule(inner, text);
  const { kind, name = "name", body, opens, isMember } = rule;
  return {
    kind,
    name: name === null ? null : fieldText(inner, name, text),
    ...(body === undefined ? {} : { body: inner.childForFieldName(body) }),
    ...(opens === undefined ? {} : { opens }),
    ...(isMember === undefined ? {} : { isMember }),
  };
}

/** A node's text on one line, without white space where it means nothing. */
export function textOf(node: Node | null, text: string): string | null {
  if (!node) return null;
  return text
    .slice(node.startIndex, Math.min(node.endIndex, node.startIndex + MAX_NAME))
    .replace(/\s+/g, " ")
    .replace(/ ?(::|[<>(]) ?/g, (match, sign: string) => (sign === ">" ? match.trimStart() : sign))
    .replace(/,? ?([>)])/g, "$1");
}

/** The text of a node's field. */
export const fieldText = (node: Node, field: string, text: string): string | null =>
  textOf(node.childForFieldName(field), text);

/** The content of a string in quotes, on one line. */
export function quoted(node: Node, text: string): string {
  const end = Math.min(node.endIndex - 1, node.startIndex + MAX_NAME);
  return text.slice(node.startIndex + 1, end).replace(/\s+/g, " ");
}

/** An entry of a table, but nothing that every object has, such as `constructor`. */
export function entryOf<V>(table: Record<string, V>, key: string): V | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
