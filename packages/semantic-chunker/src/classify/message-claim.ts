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

/** A link to an issue says nothing of the change beside it. */
const ISSUE_LINK = /\b(fix(e[sd])?|close[sd]?|resolve[sd]?):?\s{1,4}#\d{1,9}\b/gi;

const WORDS: [RegExp, ChangeType][] = [
  // What is fixed here never misbehaved.
  [
    /\bfix(e[sd]|ing)?\s{1,4}((an?|the|some|more|minor|small|code)\s{1,4})?(typos?|formatting|indentation|whitespace|lints?|clippy|spelling)\b/i,
    "refactoring",
  ],
  [
    /\b(fix(e[sd]|ing)?|bugs?|hotfix|regression|crash(e[sd])?|panics? (if|in|on|when)|deadlock|race condition|memory leak|off[- ]by[- ]one)\b/i,
    "bug_fix",
  ],
  [
    /\b(optimi[sz](e[sd]?|ation|ing)|speed(s|ing)? up|faster|perf(ormance)?|re-?allocations?|(unnecessary|needless|redundant|extra)\s{1,4}(\S{1,40}\s{1,4})?(allocations?|clones?|cop(y|ies)))\b/i,
    "optimization",
  ],
  [
    /\b(refactor(s|ed|ing)?|clean(s|ed|ing)?[- ]?ups?|renam(e[sd]?|ing)|simplif(y|ies|ied)|reorgani[sz]e[sd]?|restructure[sd]?|tid(y|ies|ied)|factor(s|ed|ing)? out|rustfmt|reformat(s|ted|ting)?)\b/i,
    "refactoring",
  ],
];

/** What the subject of `commit` claims about its modifications; undefined if nothing. */
export function claimOf({ metadata }: Commit): MessageClaim | undefined {
  const subject = metadata.message.trim();
  const prefix = PREFIXES.find(([pattern]) => pattern.test(subject));
  if (!prefix && OTHER_PREFIX.test(subject)) return undefined;
  const said = subject.replace(ISSUE_LINK, "").trim() || subject;
  const [, type] = prefix ?? WORDS.find(([pattern]) => pattern.test(said)) ?? [];
  if (type === undefined) return undefined;
  const spread = 1 + metadata.files_changed / HALVING_FILES;
  const confidence = (prefix ? PREFIX_CONFIDENCE : WORD_CONFIDENCE) / spread;
  return confidence < MIN_CONFIDENCE
    ? undefined
    : { type, confidence: Math.round(confidence * 100) / 100 };
}
