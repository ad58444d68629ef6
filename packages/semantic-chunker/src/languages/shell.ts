import type { Node } from "web-tree-sitter";
import { fieldText, quoted } from "./syntax/describe.ts";
import type { Item, Syntax } from "./syntax/syntax.ts";
import { treeLanguage } from "./syntax/tree-language.ts";

const syntax: Syntax = {
  name: "shell",
  grammar: "bash",
  items: { function_definition: { kind: "function", isMember: true }, command: describeCommand },
  blocks: {
    if_statement: "members",
    elif_clause: "members",
    else_clause: "members",
  },
  comments: ["comment"],
  lists: [
    "if_statement",
    "elif_clause",
    "else_clause",
    "case_statement",
    "case_item",
    "do_group",
    "compound_statement",
    "subshell",
    "array",
  ],
  hasStatements: true,
  hasFileHeader: true,
};

/** Shell scripts, read as Bash; calls that define a test by Sharness, as git's own do, are tests. */
export const shell = treeLanguage(syntax);

function describeCommand(node: Node, text: string): Item | undefined {
  const name = fieldText(node, "name", text) ?? "";
  if (name === "." || name === "source") return { kind: "use", name: null };
  if (!/^test_expect_(success|failure|unstable)$/.test(name)) return undefined;
  const title = node.namedChildren.find(({ type }) => type === "raw_string" || type === "string");
  return title && { kind: "test", name: quoted(title, text), isTest: true, isMember: true };
}
