import type { ChangeType } from "@repotune/schema";
import {
  type CommitContext,
  circumstances,
  overviewSubject,
  plainSubject,
  unitSubject,
} from "./opening.ts";
import { field, mark, type Piece } from "./piece.ts";
import { fenceFor, folded } from "./plain-spelling.ts";
import type { RenderingName } from "./renderings.ts";
import { type Spelling, spelled } from "./spelling.ts";
import { changeToken } from "./structure.ts";

/** What is known of a commit before a model goes on from there. */
export interface Prompt extends CommitContext {
  /**
   * `files` asks which files change, and how; `unit` asks for the change of one unit.
   *
   * @default "unit"
   */
  ask?: "files" | "unit";
  /** For `unit`: the file that changes, if it is known. */
  file?: string | undefined;
  /**
   * Where the file lies, such as `src/store`, if that is all that is known; without a slash at the
   * end, since that is a token together with the name behind it.
   */
  folder?: string | undefined;
  /** The module or section in it, if it is known as well. */
  module?: string | undefined;
  /** How it changes, if it is known; needs `file`. */
  changeType?: ChangeType | undefined;
  /** The unit as it is, if it is to be modified; needs `changeType`. Diffs do without. */
  oldCode?: string | undefined;
}

/** How the documents are laid out and spelled that the model has learned. */
export interface PromptStyle {
  spelling: Spelling;
  /** @default "semantic" */
  rendering?: RenderingName;
}

/**
 * The beginning of a document, as text in which a tokenizer that parses special tokens finds the
 * structure. A model trained on such documents goes on with what is not given.
 */
export function renderPrompt(
  prompt: Prompt,
  { spelling, rendering = "semantic" }: PromptStyle,
): string {
  const pieces = rendering === "flat" ? flatBeginning(prompt) : beginning(prompt, rendering);
  const isPlain = spelling.kind === "plain";
  const fence = fenceFor([prompt.oldCode ?? ""]);
  return pieces
    .map((piece) => {
      if (piece.kind === "structure") return spelled(spelling, piece.token, fence);
      const text = piece.parts.map((part) => part.text).join("");
      return isPlain && piece.isField ? folded(text) : text;
    })
    .join("");
}

function beginning(prompt: Prompt, rendering: RenderingName): Piece[] {
  const { ask = "unit", file, folder = "", module, changeType, oldCode } = prompt;
  const pieces = [
    mark("<COMMIT_START>", 0),
    ...(rendering === "hierarchical" ? circumstances(prompt) : []),
  ];
  if (ask === "files") {
    pieces.push(...overviewSubject(prompt));
    // Without a task the model plans first: every message that it has read was followed by one.
    if (prompt.task === undefined) return [...pieces, mark("<TASK_START>", 0)];
    return [...pieces, mark("<FILES_START>", 0), mark("<FILE_START>", 0)];
  }
  pieces.push(...unitSubject(prompt));
  if (file === undefined) return [...pieces, mark("<FILE_START>", 0), text(folder)];
  pieces.push(...field("FILE", file, 0));
  if (module !== undefined) pieces.push(...field("MODULE", module, 0));
  if (changeType === undefined) return pieces;
  pieces.push(mark(changeToken(changeType), 0));
  if (rendering === "diff-aware") return [...pieces, mark("<DIFF_START>", 0)];
  if (oldCode !== undefined) {
    pieces.push(mark("<OLD_START>", 0), text(oldCode), mark("<OLD_END>", 0));
  }
  return [...pieces, mark("<CODE_START>", 0)];
}

function flatBeginning(prompt: Prompt): Piece[] {
  const { ask = "unit", file, folder, changeType } = prompt;
  const subject = plainSubject(prompt, ask === "files");
  const opening = subject === "" ? "" : `${subject}\n\n`;
  const start = mark("<COMMIT_START>", 0);
  if (ask === "files") return [start, text(opening)];
  if (file === undefined) return [start, text(`${opening}--- ${folder ? `a/${folder}` : ""}`)];
  const before = changeType === "new_file" ? "/dev/null" : `a/${file}`;
  return [start, text(`${opening}--- ${before}\n+++ b/${file}\n@@ `)];
}

const text = (content: string): Piece => ({
  kind: "text",
  parts: [{ text: content, weight: 0 }],
});
