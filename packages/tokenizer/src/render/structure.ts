import { CHANGE_TYPES, type ChangeType } from "@repotune/schema";

/** Tokens that give a document its structure, besides one for each type of change. */
const MARKS = [
  "<PAD>",
  "<UNK>",
  "<NEWLINE>",
  "<COMMIT_START>",
  "<COMMIT_END>",
  "<FILE_START>",
  "<FILE_END>",
  "<CODE_START>",
  "<CODE_END>",
  "<OLD_START>",
  "<OLD_END>",
  "<MODULE_START>",
  "<MODULE_END>",
  "<MESSAGE_START>",
  "<MESSAGE_END>",
  "<FILES_START>",
  "<FILES_END>",
] as const;

type Mark = (typeof MARKS)[number];

/** A structural token, as it is spelled in a vocabulary trained on a repository. */
export type StructureToken = Mark | `<CHANGE:${ChangeType}>`;

/** The token for a type of change. */
export const changeToken = (type: ChangeType): StructureToken => `<CHANGE:${type}>`;

/**
 * Every structural token, in id order from 0.
 *
 * `<PAD>` fills up sequences. `<UNK>` and `<NEWLINE>` are there for programs that expect them: bytes
 * need no `<UNK>`, and a line feed in code is a byte like any other, so neither is ever written.
 */
export const STRUCTURE_TOKENS: readonly StructureToken[] = [
  ...MARKS,
  ...CHANGE_TYPES.map(changeToken),
];

/**
 * Structure as plain text, for a base model that has no tokens for it.
 *
 * Close to what such a model has read: labelled lines and fenced code. The end of a document is the
 * model's own end-of-text token.
 */
const plainMarks: Record<Mark, string> = {
  "<PAD>": "",
  "<UNK>": "",
  "<NEWLINE>": "\n",
  "<COMMIT_START>": "",
  "<COMMIT_END>": "",
  "<MESSAGE_START>": "commit: ",
  "<MESSAGE_END>": "\n",
  "<FILES_START>": "files:\n",
  "<FILES_END>": "",
  "<FILE_START>": "file: ",
  "<FILE_END>": "\n",
  "<MODULE_START>": "module: ",
  "<MODULE_END>": "\n",
  "<OLD_START>": "before:\n```\n",
  "<OLD_END>": "\n```\n",
  "<CODE_START>": "after:\n```\n",
  "<CODE_END>": "\n```\n",
};

/** How a structural token is spelled in plain text. */
export function plainSpelling(token: StructureToken): string {
  if (token in plainMarks) return plainMarks[token as Mark];
  return `change: ${token.slice("<CHANGE:".length, -1)}\n`;
}
