/**
 * What {@link UnitMap.cuts} holds for a line: how deep in lists of statements, arms, fields or elements
 * the one lies that begins on it, from 0; or one of these.
 */
export const CutDepth = {
  /** Deepest that is told apart. */
  deepest: 252,
  /** The line is the next one of what began before it. */
  inside: 254,
  /** Nothing is known to begin on the line: it may lie in a string or a comment. */
  unknown: 255,
} as const;
