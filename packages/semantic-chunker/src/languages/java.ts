import type { Node } from "web-tree-sitter";
import { fieldText } from "./syntax/describe.ts";
import type { Item, ItemRule, Syntax } from "./syntax/syntax.ts";
import { treeLanguage } from "./syntax/tree-language.ts";

/** Annotations of JUnit, TestNG and jqwik. */
const TEST = /@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\b/;

const typeOf = (kind: string): ItemRule => ({
  kind,
  body: "body",
  opens: "container",
  isMember: true,
});

const syntax: Syntax = {
  name: "java",
  grammar: "java",
  items: {
    package_declaration: { kind: "use", name: null },
    import_declaration: { kind: "use", name: null },
    class_declaration: describeClass,
    record_declaration: typeOf("class"),
    enum_declaration: typeOf("enum"),
    interface_declaration: typeOf("interface"),
    annotation_type_declaration: typeOf("interface"),
    module_declaration: { kind: "module" },
    method_declaration: describeMethod,
    constructor_declaration: describeMethod,
    compact_constructor_declaration: describeMethod,
  },
  blocks: { enum_body_declarations: "all" },
  lists: [
    "block",
    "class_body",
    "constructor_body",
    "interface_body",
    "annotation_type_body",
    "enum_body",
    "enum_body_declarations",
    "switch_block",
    "switch_block_statement_group",
    "array_initializer",
    "argument_list",
    "formal_parameters",
    "annotation_argument_list",
  ],
  comments: ["line_comment", "block_comment"],
  modulesOf,
  hasFileHeader: true,
};

/** Java; methods without a body stay with their type. */
export const java = treeLanguage(syntax);

/** A class; JUnit 3 knows those with tests by what they extend, and the tests by their names. */
function describeClass(node: Node, text: string): Item {
  const name = fieldText(node, "name", text);
  const isTest = /TestCase$/.test(fieldText(node, "superclass", text) ?? "");
  const body = node.childForFieldName("body");
  return { kind: "class", name, body, opens: "container", isMember: true, isTest };
}

function describeMethod(node: Node, text: string): Item | undefined {
  if (!node.childForFieldName("body")) return undefined;
  const name = fieldText(node, "name", text);
  const [modifiers] = node.namedChildren;
  const isAnnotated =
    modifiers?.type === "modifiers" &&
    TEST.test(text.slice(modifiers.startIndex, modifiers.endIndex));
  const isTest = isAnnotated || (/^test/.test(name ?? "") && "in_tests");
  return { kind: "function", name, isMember: true, isTest };
}

/** The package, segment by segment. */
function modulesOf(root: Node, text: string): string[] {
  const declaration = root.namedChildren.find((node) => node.type === "package_declaration");
  const name = declaration?.namedChildren.find((node) => node.type.endsWith("identifier"));
  return name ? text.slice(name.startIndex, name.endIndex).replace(/\s/g, "").split(".") : [];
}
