import type { Node } from "web-tree-sitter";
import { fieldText } from "./syntax/describe.ts";
import type { Item, Syntax } from "./syntax/syntax.ts";
import { treeLanguage } from "./syntax/tree-language.ts";

/** What a type is, by what stands after its name. */
const TYPE_KINDS: Record<string, string> = { struct_type: "struct", interface_type: "interface" };

const syntax: Syntax = {
  name: "go",
  grammar: "go",
  items: {
    package_clause: { kind: "use", name: null },
    import_declaration: { kind: "use", name: null },
    function_declaration: describeFunction,
    method_declaration: describeMethod,
    type_spec: describeType,
    type_alias: describeType,
    const_declaration: (node, text) => describeGroup("const", node, text),
    var_declaration: (node, text) => describeGroup("variable", node, text),
  },
  wrappers: {
    // `type ( … )` with several types is a block.
    type_declaration: (node) => (node.namedChildCount === 1 ? node.firstNamedChild : null),
  },
  blocks: { type_declaration: "all" },
  lists: [
    "statement_list",
    "literal_value",
    "field_declaration_list",
    "interface_type",
    "import_spec_list",
    "var_spec_list",
    "const_declaration",
    "type_declaration",
    "expression_switch_statement",
    "type_switch_statement",
    "select_statement",
    "argument_list",
    "parameter_list",
  ],
  comments: ["comment"],
  hasFileHeader: true,
};

/** Go; a group of constants or variables is one unit, called after its first. */
export const go = treeLanguage(syntax);

function describeFunction(node: Node, text: string): Item {
  const name = fieldText(node, "name", text) ?? "";
  const parameters = fieldText(node, "parameters", text) ?? "";
  const isTest = /^(Test|Benchmark|Fuzz)(?!\p{Ll})/u.test(name)
    ? /^\(\w+ \*testing\.[TBFM]\)$/.test(parameters)
    : /^Example(?!\p{Ll})/u.test(name) && parameters === "()";
  return { kind: "function", name, isTest };
}

/** A method, of which the receiver `(s *Store[K])` says that it is one of `Store`. */
function describeMethod(node: Node, text: string): Item {
  const [receiver] = node.childForFieldName("receiver")?.namedChildren ?? [];
  const type = (receiver && fieldText(receiver, "type", text)) ?? "_";
  const container = /^[(*]*([\w.]+)/.exec(type)?.[1] ?? type;
  return { kind: "function", name: fieldText(node, "name", text), container };
}

function describeType(node: Node, text: string): Item {
  const type = node.childForFieldName("type")?.type ?? "";
  const kind = node.type === "type_spec" ? TYPE_KINDS[type] : undefined;
  return { kind: kind ?? "type", name: fieldText(node, "name", text) };
}

function describeGroup(kind: string, node: Node, text: string): Item {
  const list = node.namedChildren.find((child) => child.type === "var_spec_list") ?? node;
  const spec = list.namedChildren.find((child) => child.type !== "comment");
  return { kind, name: spec ? fieldText(spec, "name", text) : null };
}
