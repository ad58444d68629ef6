/**
 * How much each kind of token weighs in the loss, in percent; the same in every rendering. What a
 * model is for, to write the next change, weighs in full; what it will be given, or could copy, weighs
 * little or nothing.
 */
export const LOSS_WEIGHTS = {
  /** Who, where and when: given, if at all, and repeated in every document of its commit. */
  context: 0,
  /** The message above a unit: given, and repeated in every document of its commit. */
  message: 0,
  /** The message in a commit's overview stands there once, and teaches how subjects read. */
  overviewMessage: 20,
  /** Above the list of files, the task is a plan that a model can make from the message. */
  overviewTask: 20,
  /** Which files change next, and how: what the overview is for. */
  overviewPath: 100,
  /** In a unit's header, path and module say where: wanted, but shared by all units of a file. */
  place: 20,
  /** How a unit changes: one token, chosen among many. */
  change: 100,
  /** Opening marks follow almost surely from what stands before. */
  structure: 20,
  /** Where code ends is for the model to say: without it, generation would not stop. */
  end: 100,
  /** Code before the change: already learned when it was new. */
  oldCode: 0,
  /** Lines of the new code that the old code has too: copying. */
  copiedLine: 10,
  /** Lines that the change adds. */
  addedLine: 100,
  /** In a diff, lines around the change: they say where it is, and are not new. */
  contextLine: 10,
  /** In a diff, lines that go: that they go is said by their mark, the rest is copying. */
  removedLine: 10,
  /** In a diff, the mark that a line goes or comes: the decisions that a change consists of. */
  changedMark: 100,
  /** Positions in a file cannot be guessed from a part of it. */
  position: 0,
  /** Marks of a hole to fill in: where it is was drawn by lot, and is given. */
  hole: 0,
} as const;
