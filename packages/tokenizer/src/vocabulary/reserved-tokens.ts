/** `enum llama_token_type` of llama.h. */
export const TOKEN_TYPE = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;

const WITHOUT_TEXT = new Set<number>([TOKEN_TYPE.unknown, TOKEN_TYPE.control, TOKEN_TYPE.unused]);

/**
 * Names that are structure wherever they occur: `<|im_start|>` and the like, tokens for filling in,
 * for repositories and for files. Some files call them text (llama.cpp mends a few of them at load).
 */
const STRUCTURE =
  /^▁?(?:<[|｜][^<>]*[|｜]>|<(?:fim[-_][a-z]+|PRE|SUF|MID|EOT|repo_?name|file_?sep|filename)>|\[(?:PREFIX|SUFFIX|MIDDLE)\])$/;

/** Names in brackets: `<tool_call>`, `[INST]`. */
const BRACKETED = /^\s*(?:<[^<>\s]+>|\[[^[\]\s]+\])\s*$/;

/**
 * Whether no text may become a token: the vocabulary says that it is control, or it was added to the
 * vocabulary and is named as structure is. Text that spells it is encoded by other tokens.
 *
 * @param type its `llama_token_type`.
 */
export const isReserved = (token: string, type: number): boolean =>
  WITHOUT_TEXT.has(type) ||
  (type !== TOKEN_TYPE.byte && STRUCTURE.test(token)) ||
  (type === TOKEN_TYPE.userDefined && BRACKETED.test(token));
