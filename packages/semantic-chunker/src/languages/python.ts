import type { Node } from "web-tree-sitter";
import { fieldText } from "./syntax/describe.ts";
import type { Item, Syntax } from "./syntax/syntax.ts";
import { treeLanguage } from "./syntax/tree-language.ts";

const IMPORTS = new Set(["import_statement", "import_from_statement", "future_import_statement"]);

const syntax: Syntax = {
  name: "python",
  grammar: "python",
  items: {
    function_definition: describeFunction,
    class_definition: describeClass,
    import_statement: { kind: "use", name: null },
    import_from_statement: { kind: "use", name: null },
    future_import_statement: { kind: "use", name: null },
    type_alias_statement: { kind: "type", name: "left" },
    expression_statement: describeStatement,
    if_statement: describeImportBlock,
    try_statement: describeImportBlock,
  },
  wrappers: { decorated_definition: (node) => node.childForFieldName("definition") },
  blocks: {
    if_statement: "members",
    elif_clause: "members",
    else_clause: "members",
    try_statement: "members",
    except_clause: "members",
    finally_clause: "members",
    with_statement: "members",
    block: "members",
  },
  comments: ["comment"],
  lists: [
    "block",
    "parameters",
    "argument_list",
    "list",
    "tuple",
    "set",
    "dictionary",
    "concatenated_string",
  ],
  isLayoutSensitive: true,
  hasStatements: true,
  hasFileHeader: true,
};

/** Python; what pytest and unittest take for a test is one, wherever the file lies. */
export const python = treeLanguage(syntax);

function describeFunction(node: Node, text: string): Item {
  const name = fieldText(node, "name", text);
  const isTest = /^test(_|$|[A-Z])/.test(name ?? "") && "unless_member";
  return { kind: "function", name, isMember: true, isTest };
}

function describeClass(node: Node, text: string): Item {
  const name = fieldText(node, "name", text);
  const bases = fieldText(node, "superclasses", text) ?? "";
  const isTest = /^Tests?([A-Z_]|$)/.test(name ?? "") || /TestCase\b/.test(bases);
  const body = node.childForFieldName("body");
  return { kind: "class", name, body, opens: "container", isMember: true, isTest };
}

/** An assignment to a name, or the string that documents a module. */
function describeStatement(node: Node, text: string): Item | undefined {
  const inner = node.firstNamedChild;
  if (inner?.type === "assignment" && node.parent?.type === "module") {
    if (inner.childForFieldName("left")?.type !== "identifier") return undefined;
    return { kind: "const", name: fieldText(inner, "left", text) };
  }
  if (inner?.type !== "string" || node.parent?.type !== "module") return undefined;
  const before = node.previousNamedSibling;
  return before && before.type !== "comment" ? undefined : { kind: "docs", name: null };
}

/** An `if TYPE_CHECKING:` or a `try:` in which there are only imports is one of them. */
function describeImportBlock(node: Node): Item | undefined {
  let hasImport = false;
  for (const clause of [node, ...node.namedChildren]) {
    for (const block of clause.namedChildren) {
      if (block.type !== "block") continue;
      for (const { type } of block.namedChildren) {
        if (IMPORTS.has(type)) hasImport = true;
        else if (type !== "pass_statement" && type !== "comment") return undefined;
      }
    }
  }
  return hasImport ? { kind: "use", name: null } : undefined;
}
