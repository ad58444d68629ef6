import type { Item } from "./syntax.ts";

/**
 * A file's syntax tree as far as units are made of it: the nodes among which items are looked for,
 * without what is inside them. It takes a hundredth of the tree's memory, and keeps nothing of the
 * text alive.
 */
export interface Outline {
  nodes: OutlineNode[];
  /** Modules that the text itself puts the file in. */
  modules: string[];
  /** Whether the parser made nothing of the text as a whole. */
  isError: boolean;
}

/**
 * First and last line of a node, counted from the first line of the node around it, or as in the
 * file: what is inside a node stays as it is where lines are added before it.
 */
interface Lines {
  first: number;
  last: number;
}

export type OutlineNode = Lines & (CommentNode | DocsNode | PrefixNode | ItemNode | RestNode);

interface CommentNode {
  role: "comment";
  /** Whether nothing stands before it on its line. */
  startsLine: boolean;
  /** Whether it documents what is around it. */
  isInner: boolean;
  /** Whether it documents the next item, at whatever distance. */
  isOuter: boolean;
}

/** What belongs to the file as a whole. */
interface DocsNode {
  role: "docs";
}

/** An attribute or the like, which belongs to the next item. */
interface PrefixNode {
  role: "prefix";
  text: string;
}

interface ItemNode {
  role: "item";
  item: Omit<Item, "body">;
  /** What is in it: items, if it opens such, or the statements of a long function. */
  list: NodeList | null;
}

/** An error, a block that items may lie in, a statement, or a mere sign. */
interface RestNode {
  role: "rest";
  /** `sign`: a bracket, a keyword. */
  what: "error" | "statement" | "sign";
  /** Whether only members are looked for in it. */
  isMembersOnly: boolean;
  /** Null where no items are looked for. */
  list: NodeList | null;
}

/**
 * The nodes in a body or block, and the lines that hold nothing but these; none where what the node is
 * depends on them.
 */
export interface NodeList extends Lines {
  nodes: OutlineNode[];
}
