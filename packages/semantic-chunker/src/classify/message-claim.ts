import type { ChangeType, Commit } from "@repotune/schema";

/** What a commit's message says of its changes. */
export interface MessageClaim {
  type: ChangeType;
  confidence: number;
}

/** Conventional commits say what they are; a word in a sentence only hints at it. */
const PREFIX_CONFIDENCE = 0.7;
const WORD_CONFIDENCE = 0.5;

/** Files in which a message's claim counts half: large commits do many things at once. */
const HALVING_FILES = 20;
/** Below, the claim is not worth more than the structure of the change. */
const MIN_CONFIDENCE = 0.3;

const PREFIXES: [RegExp, ChangeType][] = [
  [/^(fix|bugfix|hotfix|revert)\b[^:]{0,60}!?:/i, "bug_fix"],
  [/^(perf|performance|optimi[sz]e)\b[^:]{0,60}!?:/i, "optimization"],
  [/^(refactor|style|cleanup)\b[^:]{0,60}!?:/i, "refactoring"],
];

/** A prefix that makes another claim, which the structure of a change tells better. */
const OTHER_PREFIX = /^(feat|feature|docs?|tests?|chore|build|ci|deps|release)\b[^:]{0,60}!?:/i;

const WORDS: [RegExp, ChangeType][] = [
  [
    /\b(fix(e[sd]|ing)?|bugs?|hotfix|regression|crash(e[sd])?|panics?|deadlock|race condition|memory leak|off[- ]by[- ]one)\b/i,
    "bug_fix",
  ],
  [/\b(optimi[sz](e[sd]?|ation|ing)|speed(s|ing)? up|faster|performance)\b/i, "optimization"],
  [
    /\b(refactor(s|ed|ing)?|clean(s|ed|ing)?[- ]?up|renam(e[sd]?|ing)|simplif(y|ies|ied)|reorgani[sz]e[sd]?|restructure[sd]?|tid(y|ies|ied))\b/i,
    "refactoring",
  ],
];

/** What the subject of `commit` claims about its modifications; undefined if nothing. */
export function claimOf({ metadata }: Commit): MessageClaim | undefined {
  const subject = metadata.message.trim();
  const prefix = PREFIXES.find(([pattern]) => pattern.test(subject));
  if (!prefix && OTHER_PREFIX.test(subject)) return undefined;
  const [, type] = prefix ?? WORDS.find(([pattern]) => pattern.test(subject)) ?? [];
  if (type === undefined) return undefined;
  const spread = 1 + metadata.files_changed / HALVING_FILES;
  const confidence = (prefix ? PREFIX_CONFIDENCE : WORD_CONFIDENCE) / spread;
  return confidence < MIN_CONFIDENCE
    ? undefined
    : { type, confidence: Math.round(confidence * 100) / 100 };
}
