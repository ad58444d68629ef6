/**
 * How much each kind of token weighs in the loss, in percent. What a model is for, to write the next
 * change, weighs in full; what it will be given, or could copy, weighs little or nothing.
 */
export const LOSS_WEIGHTS = {
  /** The task: given, and repeated in every document of its commit. */
  message: 0,
  /** The message in a commit's overview stands there once, and teaches how subjects read. */
  overviewMessage: 20,
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
} as const;
