import type { Node } from "web-tree-sitter";
import type { Language } from "./language.ts";
import { fieldText, textOf } from "./syntax/describe.ts";
import type { Item, Syntax } from "./syntax/syntax.ts";
import { treeLanguage } from "./syntax/tree-language.ts";

/** Macros of GoogleTest, Boost.Test and Check that stand where a function's name would. */
const TEST_MACRO =
  /^(TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|BOOST_AUTO_TEST_CASE|BOOST_FIXTURE_TEST_CASE|START_TEST)$/;

const TYPES: Record<string, string> = {
  struct_specifier: "struct",
  union_specifier: "union",
  enum_specifier: "enum",
  class_specifier: "class",
};

/** More pointers, arrays and brackets around one name than anyone writes. */
const MAX_DECLARATORS = 32;

const syntax: Omit<Syntax, "name"> = {
  grammar: "cpp",
  items: {
    preproc_include: { kind: "use", name: null },
    using_declaration: { kind: "use", name: null },
    preproc_def: { kind: "macro" },
    preproc_function_def: { kind: "macro" },
    function_definition: describeFunction,
    declaration: describeDeclaration,
    type_definition: describeTypedef,
    alias_declaration: { kind: "type" },
    concept_definition: { kind: "trait" },
    namespace_definition: describeNamespace,
    struct_specifier: describeType,
    union_specifier: describeType,
    enum_specifier: describeType,
    class_specifier: describeType,
  },
  wrappers: {
    template_declaration: (node) => node.lastNamedChild,
    // A field of a class that declares a type.
    field_declaration: (node) => {
      const type = node.childForFieldName("type");
      const isNamed = type?.childForFieldName("name") && type.childForFieldName("body");
      return isNamed && !node.childForFieldName("declarator") ? type : null;
    },
  },
  blocks: {
    preproc_if: "all",
    preproc_ifdef: "all",
    preproc_else: "all",
    preproc_elif: "all",
    preproc_elifdef: "all",
    linkage_specification: "all",
    declaration_list: "all",
  },
  comments: ["comment"],
  lists: [
    "compound_statement",
    "field_declaration_list",
    "enumerator_list",
    "initializer_list",
    "declaration_list",
    "case_statement",
    "argument_list",
    "parameter_list",
    "preproc_if",
    "preproc_ifdef",
    "preproc_else",
    "preproc_elif",
    "preproc_elifdef",
    "template_argument_list",
    "template_parameter_list",
    "concatenated_string",
  ],
  // A macro that defines something looks like a statement.
  hasStatements: true,
  hasFileHeader: true,
};

/** C or C++; one grammar reads both. */
export const cFamily = (name: string): Language => treeLanguage({ name, ...syntax });

function describeFunction(node: Node, text: string): Item {
  const { container, name } = declaredName(node, text);
  if (container === null && TEST_MACRO.test(name ?? "")) {
    const parameters = parametersOf(node);
    const title = parameters.map((parameter) => textOf(parameter, text)).join("::");
    return { kind: "test", name: title || name, isTest: true };
  }
  return { kind: "function", name, container, isMember: true };
}

/** A prototype, a variable, or a type that is declared along with a variable. */
function describeDeclaration(node: Node, text: string): Item {
  const { container, name, isFunction } = declaredName(node, text);
  if (isFunction) return { kind: "declaration", name, container };
  const qualifiers = node.namedChildren.filter(({ type }) => type === "type_qualifier");
  const isConst = qualifiers.some((child) => /^const/.test(textOf(child, text) ?? ""));
  return { kind: isConst ? "const" : "variable", name, container };
}

/** A struct, union, enum or class; without a body, a mere promise of one. */
function describeType(node: Node, text: string): Item {
  const name = fieldText(node, "name", text);
  const body = node.childForFieldName("body");
  const kind = TYPES[node.type] ?? "type";
  if (!body) return { kind: "type", name };
  const isContainer = body.type === "field_declaration_list";
  return { kind, name, isMember: true, ...(isContainer ? { body, opens: "container" } : {}) };
}

/** `typedef struct { … } name;` is a struct. */
function describeTypedef(node: Node, text: string): Item {
  const type = node.childForFieldName("type");
  const kind = type?.childForFieldName("body") ? TYPES[type.type] : undefined;
  return { kind: kind ?? "type", name: declaredName(node, text).name };
}

function describeNamespace(node: Node, text: string): Item {
  const body = node.childForFieldName("body");
  return { kind: "namespace", name: fieldText(node, "name", text), body, opens: "module" };
}

/** The name that a declaration gives, below pointers, arrays and parameters. */
function declaredName(node: Node, text: string) {
  let at = node.childForFieldName("declarator");
  let isFunction = false;
  for (let depth = 0; at && depth < MAX_DECLARATORS; depth += 1) {
    // In `int (*name)(int)`, a variable, brackets come between.
    if (at.type === "function_declarator") isFunction = true;
    if (at.type === "parenthesized_declarator") isFunction = false;
    const next: Node | null =
      at.childForFieldName("declarator") ??
      (/^(reference|parenthesized)_declarator$/.test(at.type) ? at.lastNamedChild : null);
    if (!next) break;
    at = next;
  }
  const whole = textOf(at, text);
  const cut = at?.type === "qualified_identifier" ? (whole?.lastIndexOf("::") ?? -1) : -1;
  if (whole === null || cut < 0) return { container: null, name: whole, isFunction };
  return { container: whole.slice(0, cut), name: whole.slice(cut + 2), isFunction };
}

function parametersOf(node: Node): Node[] {
  const declarator = node.childForFieldName("declarator");
  return declarator?.childForFieldName("parameters")?.namedChildren ?? [];
}
