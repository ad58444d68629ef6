import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { field, mark, type Piece } from "./piece.ts";
import { type Month, monthToken } from "./structure.ts";

/** A message of more tokens than this is a change log pasted into the subject. */
const MAX_MESSAGE_TOKENS = 128;

/** A message of fewer words says little: `wip`, `fix`, `Update README`. */
const MIN_MESSAGE_WORDS = 3;

/** What is said of a commit above its changes. */
export interface CommitContext {
  /** Its subject; empty if it has none, or it is not known. */
  message: string;
  /** What it does, derived from its units. */
  task?: string | undefined;
  /** Name of the repository. */
  repository?: string | undefined;
  /** A branch that the commit lies on. */
  branch?: string | undefined;
  /** A name or a pseudonym. */
  author?: string | undefined;
  month?: Month | undefined;
}

/** The beginning of a unit's document: what its commit is about. */
export const unitOpening = (commit: CommitContext): Piece[] => [
  mark("<COMMIT_START>", 0),
  ...unitSubject(commit),
];

/** The beginning of an overview: the message, and the task, a plan that can be made from it. */
export const overviewOpening = (commit: CommitContext): Piece[] => [
  mark("<COMMIT_START>", 0),
  ...overviewSubject(commit),
];

/** Above units: the message, and the task only where the message says little, since it is repeated. */
export function unitSubject(commit: CommitContext): Piece[] {
  const { message } = LOSS_WEIGHTS;
  const task = ownTask(commit);
  const options = { marks: 0, maxTokens: MAX_MESSAGE_TOKENS };
  return [
    ...field("MESSAGE", commit.message, message, options),
    ...(task !== undefined && saysLittle(commit.message)
      ? field("TASK", task, message, options)
      : []),
  ];
}

/** Above a list of files: message and task. */
export function overviewSubject(commit: CommitContext): Piece[] {
  const { overviewMessage, overviewTask } = LOSS_WEIGHTS;
  const task = ownTask(commit);
  const options = { maxTokens: MAX_MESSAGE_TOKENS };
  return [
    ...field("MESSAGE", commit.message, overviewMessage, options),
    ...(task === undefined ? [] : field("TASK", task, overviewTask, options)),
  ];
}

/** Where, who and when, from the outermost inwards. */
export function circumstances({ repository, branch, author, month }: CommitContext): Piece[] {
  const { context } = LOSS_WEIGHTS;
  const given = (name: "REPOSITORY" | "BRANCH" | "AUTHOR", text: string | undefined) =>
    text === undefined ? [] : field(name, text, context, { marks: context });
  return [
    ...given("REPOSITORY", repository),
    ...given("BRANCH", branch),
    ...given("AUTHOR", author),
    ...(month === undefined ? [] : [mark(monthToken(month), context)]),
  ];
}

/** Message and task as lines of plain text, by the same rules. */
export function plainSubject(commit: CommitContext, isOverview: boolean): string {
  const task = isOverview || saysLittle(commit.message) ? ownTask(commit) : undefined;
  return [commit.message, task].filter((line) => line).join("\n\n");
}

/** The task, unless it only repeats the message. */
function ownTask({ message, task }: CommitContext): string | undefined {
  return task && normalized(task) !== normalized(message) ? task : undefined;
}

const normalized = (text: string) => text.trim().toLowerCase();

const saysLittle = (message: string) => (message.match(/\S+/g)?.length ?? 0) < MIN_MESSAGE_WORDS;
