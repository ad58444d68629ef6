import type { ChangeType } from "@repotune/schema";
import { changeToken, plainSpelling, type StructureToken } from "./structure.ts";

/** What is known of a commit before a model goes on from there. */
export interface Prompt {
  /** The task, as a commit's subject. */
  message: string;
  /**
   * `files` asks which files change, and how; `unit` asks for the change of one unit.
   *
   * @default "unit"
   */
  ask?: "files" | "unit";
  /** For `unit`: the file that changes, if it is known. */
  file?: string | undefined;
  /** The module or section in it, if it is known as well. */
  module?: string | undefined;
  /** How it changes, if it is known; needs `file`. */
  changeType?: ChangeType | undefined;
  /** The unit as it is, if it is to be modified; needs `changeType`. */
  oldCode?: string | undefined;
}

/**
 * The beginning of a document, as text in which a tokenizer that parses special tokens finds the
 * structure. A model trained on such documents goes on with what is not given.
 *
 * @param spelling as {@link TokenEncoder.spelling} of the model's vocabulary says.
 */
export function renderPrompt(prompt: Prompt, spelling: "tokens" | "plain"): string {
  const { message, ask = "unit", file, module, changeType, oldCode } = prompt;
  const parts: string[] = [];
  const add = (start: StructureToken, text: string, end: StructureToken) => {
    parts.push(spell(start), text, spell(end));
  };
  const spell = (token: StructureToken) => (spelling === "tokens" ? token : plainSpelling(token));

  parts.push(spell("<COMMIT_START>"));
  add("<MESSAGE_START>", message, "<MESSAGE_END>");
  if (ask === "files") parts.push(spell("<FILES_START>"));
  parts.push(spell("<FILE_START>"));
  if (ask === "files" || file === undefined) return parts.join("");
  parts.push(file, spell("<FILE_END>"));
  if (module !== undefined) add("<MODULE_START>", module, "<MODULE_END>");
  if (changeType === undefined) return parts.join("");
  parts.push(spell(changeToken(changeType)));
  if (oldCode !== undefined) add("<OLD_START>", oldCode, "<OLD_END>");
  parts.push(spell("<CODE_START>"));
  return parts.join("");
}
