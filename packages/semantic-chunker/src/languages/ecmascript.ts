import type { Node } from "web-tree-sitter";
import type { GrammarName } from "../grammars.ts";
import type { Language } from "./language.ts";
import { fieldText, quoted } from "./syntax/describe.ts";
import type { Item, ItemRule, Syntax } from "./syntax/syntax.ts";
import { treeLanguage } from "./syntax/tree-language.ts";

/** Calls that define tests, whatever is done with them: `it.only`, `test.each([1, 2])`. */
const SUITES = new Set(["describe", "suite", "context"]);
const TESTS = new Set(["it", "test", "bench", "specify", "fit", "xit", "xtest"]);

/** Deepest chain of calls and properties after the name of a test. */
const MAX_CHAIN = 8;

const typeOf = (kind: string): ItemRule => ({ kind, body: "body", opens: "container" });
const functionRule: ItemRule = { kind: "function", isMember: true };

const syntax = {
  items: {
    import_statement: { kind: "use", name: null },
    import_alias: { kind: "use", name: null },
    export_statement: describeExport,
    function_declaration: functionRule,
    generator_function_declaration: functionRule,
    function_signature: { kind: "declaration" },
    class_declaration: typeOf("class"),
    abstract_class_declaration: typeOf("class"),
    interface_declaration: { kind: "interface" },
    enum_declaration: { kind: "enum" },
    type_alias_declaration: { kind: "type" },
    internal_module: { kind: "namespace", body: "body", opens: "module" },
    module: describeModule,
    method_definition: functionRule,
    field_definition: describeField,
    public_field_definition: describeField,
    lexical_declaration: describeVariable,
    variable_declaration: describeVariable,
    expression_statement: describeStatement,
  },
  wrappers: {
    export_statement: (node) => node.childForFieldName("declaration"),
    ambient_declaration: (node) =>
      node.namedChildren.find(({ type }) => type !== "statement_block" && type !== "decorator") ??
      null,
    expression_statement: ({ firstNamedChild: inner }) =>
      inner?.type === "internal_module" ? inner : null,
  },
  // `declare global { … }`
  blocks: { ambient_declaration: "all", statement_block: "all" },
  comments: ["comment", "html_comment", "hash_bang_line"],
  prefixes: ["decorator"],
  lists: [
    "statement_block",
    "class_body",
    "interface_body",
    "object_type",
    "enum_body",
    "switch_body",
    "switch_case",
    "switch_default",
    "object",
    "array",
    "arguments",
    "formal_parameters",
    "object_pattern",
    "named_imports",
    "export_clause",
    "jsx_element",
    "jsx_fragment",
    "jsx_self_closing_element",
    "jsx_opening_element",
  ],
  hasStatements: true,
  hasFileHeader: true,
} satisfies Omit<Syntax, "name" | "grammar">;

/** JavaScript or one of its dialects. */
export const ecmascript = (name: string, grammar: GrammarName): Language =>
  treeLanguage({ name, grammar, ...syntax });

const isFunction = (node: Node | null) =>
  /^(arrow_function|function_expression|generator_function|function)$/.test(node?.type ?? "");

/** An export that declares nothing with a name: of imports, or of a value. */
function describeExport(node: Node): Item {
  const value = node.childForFieldName("value");
  if (!value) return { kind: "use", name: null };
  return { ...(describeValue(value) ?? { kind: "const" }), name: "default" };
}

/** What a name stands for that is given a function or a class. */
function describeValue(value: Node | null): Omit<Item, "name"> | undefined {
  if (isFunction(value)) return { kind: "function", isMember: true };
  if (value?.type !== "class") return undefined;
  return { kind: "class", body: value.childForFieldName("body"), opens: "container" };
}

/** `declare module "name"`. */
function describeModule(node: Node, text: string): Item {
  const name = fieldText(node, "name", text)?.replace(/["']/g, "") ?? null;
  return { kind: "namespace", name, body: node.childForFieldName("body"), opens: "module" };
}

/** A field that holds a function is a method. */
function describeField(node: Node, text: string): Item | undefined {
  if (!isFunction(node.childForFieldName("value"))) return undefined;
  const name = fieldText(node, "name", text) ?? fieldText(node, "property", text);
  return { kind: "function", name, isMember: true };
}

/** A declaration of variables is called after the first; one of `require` is an import. */
function describeVariable(node: Node, text: string): Item {
  const declarator = node.namedChildren.find(({ type }) => type === "variable_declarator");
  const pattern = declarator?.childForFieldName("name") ?? null;
  const value = declarator?.childForFieldName("value") ?? null;
  if (value?.type === "call_expression" && fieldText(value, "function", text) === "require") {
    return { kind: "use", name: null };
  }
  const isName = pattern?.type === "identifier";
  const name = declarator && isName ? fieldText(declarator, "name", text) : null;
  const kind = fieldText(node, "kind", text) === "const" ? "const" : "variable";
  return { ...(describeValue(value) ?? { kind }), name };
}

/** A test, or a function that is given to a property, such as `exports.open = function () {}`. */
function describeStatement(node: Node, text: string): Item | undefined {
  const inner = node.firstNamedChild;
  if (inner?.type === "call_expression") return describeTest(inner, text);
  if (inner?.type !== "assignment_expression") return undefined;
  const left = inner.childForFieldName("left");
  const found = describeValue(inner.childForFieldName("right"));
  if (!found || left?.type !== "member_expression") return undefined;
  const name = fieldText(left, "property", text);
  const owner = fieldText(left, "object", text) ?? "";
  const container = /^(module\.)?exports$|^this$/.test(owner) ? null : owner;
  return { ...found, name, container: container?.replace(/\.prototype$/, "") ?? null };
}

function describeTest(call: Node, text: string): Item | undefined {
  const name = calledName(call, text);
  const isSuite = SUITES.has(name);
  if (!isSuite && !TESTS.has(name)) return undefined;
  const parts = call.childForFieldName("arguments")?.namedChildren ?? [];
  const [title] = parts;
  if (!title || !/^(string|template_string)$/.test(title.type)) return undefined;
  const body = parts.find(isFunction)?.childForFieldName("body") ?? null;
  const item: Item = { kind: "test", name: quoted(title, text), isTest: true, isMember: true };
  return isSuite ? { ...item, body, opens: "suite" } : item;
}

/** The name at the root of `name.only` and `name.each(table)`. */
function calledName(call: Node, text: string): string {
  let node: Node | null = call.childForFieldName("function");
  for (let depth = 0; node && depth < MAX_CHAIN; depth += 1) {
    if (node.type === "identifier") return text.slice(node.startIndex, node.endIndex);
    node = node.childForFieldName("object") ?? node.childForFieldName("function");
  }
  return "";
}
