import type { Node } from "web-tree-sitter";

/** What an item is. */
export interface Item {
  kind: string;
  name: string | null;
  /** Whether items inside it are units of their own. */
  hasMembers: boolean;
  /** Whether it defines tests, as `proptest! { #[test] … }` does. */
  holdsTests: boolean;
}

const KINDS: Record<string, string> = {
  function_item: "function",
  function_signature_item: "function",
  struct_item: "struct",
  enum_item: "enum",
  union_item: "union",
  trait_item: "trait",
  impl_item: "impl",
  mod_item: "module",
  macro_definition: "macro",
  const_item: "const",
  static_item: "static",
  type_item: "type",
  associated_type: "type",
  foreign_mod_item: "extern_block",
  extern_crate_declaration: "use",
  use_declaration: "use",
  macro_invocation: "macro_call",
};

const WITH_MEMBERS = new Set(["trait", "impl", "module"]);

/** The first thing that the argument of a macro call defines. */
const DEFINITION =
  /\b(?:fn|struct|enum|union|trait|type|mod|const|static)\s+(?:ref\s+|mut\s+)?([A-Za-z_]\w*)/;

/** Longest part of a macro call in which a definition is looked for, in UTF-16 units. */
const DEFINITION_WINDOW = 4096;

/** Describes a node that is an item; undefined for any other. */
export function describeItem(node: Node, text: string): Item | undefined {
  if (node.type === "expression_statement") {
    const [call] = node.children;
    return call?.type === "macro_invocation" ? describeItem(call, text) : undefined;
  }
  const kind = KINDS[node.type];
  if (kind === undefined) return undefined;
  const hasMembers = WITH_MEMBERS.has(kind);
  if (kind !== "macro_call") {
    return { kind, name: nameOf(node, kind, text), hasMembers, holdsTests: false };
  }
  const macro = field(node, "macro", text) ?? "";
  const body = text.slice(
    node.startIndex,
    Math.min(node.endIndex, node.startIndex + DEFINITION_WINDOW),
  );
  const defined = DEFINITION.exec(body.slice(macro.length))?.[1];
  return {
    kind,
    name: defined ?? `${macro}!`,
    hasMembers: false,
    holdsTests: /#\[\s*test\s*\]/.test(body),
  };
}

/** How members of an `impl` or trait are qualified: `Type`, `<Type as Trait>` or `Trait`. */
export function containerName(node: Node, text: string): string | null {
  if (node.type !== "impl_item") return field(node, "name", text);
  const type = field(node, "type", text) ?? "_";
  const trait = field(node, "trait", text);
  if (trait === null) return type;
  // `impl !Send for T`: the mark is a node of its own.
  const isNegative = node.children.some((child) => child.type === "!");
  return `<${type} as ${isNegative ? "!" : ""}${trait}>`;
}

function nameOf(node: Node, kind: string, text: string): string | null {
  if (kind === "impl") return containerName(node, text);
  if (kind === "use" || kind === "extern_block") return null;
  return field(node, "name", text);
}

/** Text of a field on one line, with white space as rustfmt would leave it. */
function field(node: Node, name: string, text: string): string | null {
  const child = node.childForFieldName(name);
  if (!child) return null;
  return text
    .slice(child.startIndex, child.endIndex)
    .replace(/\s+/g, " ")
    .replace(/ ?(::|[<>(]) ?/g, (match, sign: string) => (sign === ">" ? match.trimStart() : sign))
    .replace(/,? ?([>)])/g, "$1");
}
