import type { Node } from "web-tree-sitter";
import type { GrammarName } from "../../grammars.ts";

/** A node type that is an item: what it is called, and where its parts are. */
export interface ItemRule {
  /** As in a chunk's `kind`. `function` becomes `method` in a container, and `test` if it is one. */
  kind: string;
  /**
   * Field that holds its name; null for what has none.
   *
   * @default "name"
   */
  name?: string | null;
  /** Field that holds the items inside it. */
  body?: string;
  /** What it is to the items in its body. */
  opens?: Opening;
  /** Whether it is a unit of its own inside a container, too, instead of a part of that. */
  isMember?: boolean;
}

/**
 * What an item is to the items in its body: a `container` such as a class qualifies the names of
 * its members and keeps all other lines; so does a `suite` of tests, but functions in it are no
 * methods; a `module` leaves all lines but its own head and foot to the items in it, and to nobody.
 */
type Opening = "container" | "suite" | "module";

/** An item, as found. */
export interface Item {
  kind: string;
  name: string | null;
  /** Type that it is a member of though it does not stand inside it, as a Go method. */
  container?: string | null;
  /** Holds the items inside it. */
  body?: Node | null;
  opens?: Opening;
  isMember?: boolean;
  /**
   * Whether it is a test or holds tests; or that it is one only in what holds tests, or also where
   * it is no member.
   */
  isTest?: boolean | "in_tests" | "unless_member";
}

/** Finds out what an item is where a table's row does not tell; undefined if it is none. */
export type Describe = (node: Node, text: string) => Item | undefined;

/** What attributes say of the item below them. */
export type Mark = "test" | "test_only" | undefined;

/** How the syntax tree of a language is cut into items: all that the walker knows of it. */
export interface Syntax {
  /** As in a chunk's `language`. */
  name: string;
  grammar: GrammarName;
  /** Items by node type. */
  items: Record<string, ItemRule | Describe>;
  /** Nodes that only surround an item, as `export` does; gives the item, or null if there is none. */
  wrappers?: Record<string, (node: Node) => Node | null>;
  /**
   * Nodes whose items count as if they stood beside the node, as in `#ifdef`: all of them, or only
   * those that are members of containers, too.
   */
  blocks?: Record<string, "all" | "members">;
  comments: readonly string[];
  /** Nodes whose children are statements, arms, fields or elements: long units are cut between these. */
  lists: readonly string[];
  /** Nodes that belong to the item after them, as decorators do. */
  prefixes?: readonly string[];
  /** Nodes that belong to the file as a whole. */
  fileDocs?: readonly string[];
  /** Openings of comments that belong to what is around them, or to the next item at any distance. */
  docComments?: { inner: RegExp; outer: RegExp };
  /** What the text of prefixes says of an item. */
  markOf?: (prefixes: string) => Mark;
  /** Condition under which prefixes say that the item is there; empty for none. */
  variantOf?: (prefixes: string) => string;
  /** Modules that the text of the file itself puts it in. */
  modulesOf?: (root: Node, text: string) => string[];
  /**
   * Whether white space closes blocks.
   *
   * @default false
   */
  isLayoutSensitive?: boolean;
  /**
   * Whether statements may stand outside all items. If not, they count as not parsed.
   *
   * @default false
   */
  hasStatements?: boolean;
  /**
   * Whether comments before all items are the file's even right above imports.
   *
   * @default false
   */
  hasFileHeader?: boolean;
}
