import type { Mark, StructureToken } from "./structure.ts";

/** Opens and closes code in plain text, where the code itself does not hold it. */
export const FENCE = "```";

/**
 * Structure as plain text, for a base model that has no tokens for it.
 *
 * Close to what such a model has read: labelled lines, fenced code and the signs of a diff. The end
 * of a document is the model's own end-of-text token. Marks of the middle to fill in have no plain
 * spelling: a model that has not learned them does not know what they ask for.
 */
const plainMarks: Record<Mark, string> = {
  "<PAD>": "",
  "<UNK>": "",
  "<NEWLINE>": "\n",
  "<COMMIT_START>": "",
  "<COMMIT_END>": "",
  "<REPOSITORY_START>": "repository: ",
  "<REPOSITORY_END>": "\n",
  "<BRANCH_START>": "branch: ",
  "<BRANCH_END>": "\n",
  "<AUTHOR_START>": "author: ",
  "<AUTHOR_END>": "\n",
  "<MESSAGE_START>": "commit: ",
  "<MESSAGE_END>": "\n",
  "<TASK_START>": "task: ",
  "<TASK_END>": "\n",
  "<FILES_START>": "files:\n",
  "<FILES_END>": "",
  "<FILE_START>": "file: ",
  "<FILE_END>": "\n",
  "<MODULE_START>": "module: ",
  "<MODULE_END>": "\n",
  "<OLD_START>": `before:\n${FENCE}\n`,
  "<OLD_END>": `\n${FENCE}\n`,
  "<CODE_START>": `after:\n${FENCE}\n`,
  "<CODE_END>": `\n${FENCE}\n`,
  "<DIFF_START>": "diff:\n",
  "<DIFF_END>": "",
  "<HUNK>": "@@\n",
  "<CONTEXT>": " ",
  "<REMOVED>": "-",
  "<ADDED>": "+",
  "<FIM_PREFIX>": "",
  "<FIM_SUFFIX>": "",
  "<FIM_MIDDLE>": "",
};

/**
 * How a structural token is spelled in plain text.
 *
 * @param fence around code, from {@link fenceFor}.
 */
export function plainSpelling(token: StructureToken, fence = FENCE): string {
  if (token in plainMarks) return plainMarks[token as Mark].replace(FENCE, fence);
  return `${token.slice(1, -1).toLowerCase().replace(":", ": ")}\n`;
}

/** A fence that none of the texts holds: a backtick longer than the longest run of them in it. */
export function fenceFor(texts: Iterable<string>): string {
  let longest = FENCE.length - 1;
  for (const text of texts) {
    for (const [run] of text.matchAll(/`{3,}/g)) longest = Math.max(longest, run.length);
  }
  return "`".repeat(longest + 1);
}

/**
 * A text for a labelled line: what follows its first line feed is indented, as in the headers of a
 * mail, so that no line of it can pass for a label.
 */
export const folded = (text: string): string => text.replace(/\r\n?|\n/g, "\n  ");
