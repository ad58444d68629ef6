import type { Syntax } from "../syntax/syntax.ts";
import { treeLanguage } from "../syntax/tree-language.ts";
import { markOf, variantOf } from "./attributes.ts";
import { items } from "./items.ts";

const syntax: Syntax = {
  name: "rust",
  grammar: "rust",
  items,
  wrappers: {
    // A macro call with a semicolon.
    expression_statement: ({ firstChild }) =>
      firstChild?.type === "macro_invocation" ? firstChild : null,
  },
  comments: ["line_comment", "block_comment"],
  prefixes: ["attribute_item"],
  fileDocs: ["inner_attribute_item"],
  lists: [
    "block",
    "match_block",
    "declaration_list",
    "field_declaration_list",
    "ordered_field_declaration_list",
    "enum_variant_list",
    "field_initializer_list",
    "use_list",
    "parameters",
    "arguments",
    "array_expression",
    "tuple_expression",
    "token_tree",
    "where_clause",
    "macro_definition",
  ],
  docComments: { inner: /^\/[/*]!/, outer: /^\/(\/\/(?!\/)|\*\*(?![*/]))/ },
  markOf,
  variantOf,
};

/** Rust, by tree-sitter, cut into items. */
export const rust = treeLanguage(syntax);
