import { CHANGE_TYPES, type ChangeType } from "@repotune/schema";

/** Tokens that give a document its structure. */
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

/** More of them, whose ids follow those of the types of change. */
const FURTHER_MARKS = [
  "<TASK_START>",
  "<TASK_END>",
  "<REPOSITORY_START>",
  "<REPOSITORY_END>",
  "<BRANCH_START>",
  "<BRANCH_END>",
  "<AUTHOR_START>",
  "<AUTHOR_END>",
  "<DIFF_START>",
  "<DIFF_END>",
  "<HUNK>",
  "<CONTEXT>",
  "<REMOVED>",
  "<ADDED>",
  "<FIM_PREFIX>",
  "<FIM_SUFFIX>",
  "<FIM_MIDDLE>",
] as const;

/** Months as numbers of two digits, which have one token each. */
const MONTHS = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"] as const;

/** A month of the year as a commit's date spells it, `01` to `12`. */
export type Month = (typeof MONTHS)[number];

/** A structural token without a parameter. */
export type Mark = (typeof MARKS)[number] | (typeof FURTHER_MARKS)[number];

/** A structural token, as it is spelled in a vocabulary trained on a repository. */
export type StructureToken = Mark | `<CHANGE:${ChangeType}>` | `<MONTH:${Month}>`;

/** The token for a type of change. */
export const changeToken = (type: ChangeType): StructureToken => `<CHANGE:${type}>`;

/** The token for a month. */
export const monthToken = (month: Month): StructureToken => `<MONTH:${month}>`;

/** Whether a text is a month. */
export const isMonth = (text: string): text is Month =>
  (MONTHS as readonly string[]).includes(text);

/**
 * Every structural token, in id order from 0.
 *
 * `<PAD>` fills up sequences. `<UNK>` and `<NEWLINE>` are there for programs that expect them: bytes
 * need no `<UNK>`, and a line feed in code is a byte like any other, so neither is ever written.
 */
export const STRUCTURE_TOKENS: readonly StructureToken[] = [
  ...MARKS,
  ...CHANGE_TYPES.map(changeToken),
  ...FURTHER_MARKS,
  ...MONTHS.map(monthToken),
];
