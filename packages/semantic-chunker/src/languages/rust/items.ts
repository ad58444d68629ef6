import type { Node } from "web-tree-sitter";
import { fieldText } from "../syntax/describe.ts";
import type { Describe, Item, ItemRule } from "../syntax/syntax.ts";

/** The first thing that the argument of a macro call defines. */
const DEFINITION =
  /\b(?:fn|struct|enum|union|trait|type|mod|const|static)\s+(?:ref\s+|mut\s+)?([A-Za-z_]\w*)/;

/** Longest part of a macro call in which a definition is looked for, in UTF-16 units. */
const DEFINITION_WINDOW = 4096;

/** Rust's items by node type. */
export const items: Record<string, ItemRule | Describe> = {
  function_item: { kind: "function", isMember: true },
  function_signature_item: { kind: "function" },
  struct_item: { kind: "struct" },
  enum_item: { kind: "enum" },
  union_item: { kind: "union" },
  trait_item: { kind: "trait", body: "body", opens: "container" },
  impl_item: describeImpl,
  mod_item: { kind: "module", body: "body", opens: "module" },
  macro_definition: { kind: "macro" },
  const_item: { kind: "const" },
  static_item: { kind: "static" },
  type_item: { kind: "type" },
  associated_type: { kind: "type" },
  foreign_mod_item: { kind: "extern_block", name: null },
  extern_crate_declaration: { kind: "use", name: null },
  use_declaration: { kind: "use", name: null },
  macro_invocation: describeMacroCall,
};

/** An `impl`, called `Type` or `<Type as Trait>`, as are its members. */
function describeImpl(node: Node, text: string): Item {
  const type = fieldText(node, "type", text) ?? "_";
  const trait = fieldText(node, "trait", text);
  // `impl !Send for T`: the mark is a node of its own.
  const isNegative = trait !== null && node.children.some((child) => child.type === "!");
  const name = trait === null ? type : `<${type} as ${isNegative ? "!" : ""}${trait}>`;
  return { kind: "impl", name, body: node.childForFieldName("body"), opens: "container" };
}

/** A macro call, called after the first thing it defines, or after the macro. */
function describeMacroCall(node: Node, text: string): Item {
  const macro = fieldText(node, "macro", text) ?? "";
  const body = text.slice(
    node.startIndex,
    Math.min(node.endIndex, node.startIndex + DEFINITION_WINDOW),
  );
  const defined = DEFINITION.exec(body.slice(macro.length))?.[1];
  const isTest = /#\[\s*test\s*\]/.test(body);
  return { kind: "macro_call", name: defined ?? `${macro}!`, isTest };
}
