import { entropyOf } from "./entropy.ts";
import { findKeyMaterial } from "./key-material.ts";
import { KeywordSearch } from "./keyword-search.ts";
import { isPlaceholder } from "./placeholder.ts";
import { readsLikeWords } from "./reads-like-words.ts";
import { SECRET_RULES, type SecretRule } from "./secret-rules.ts";
import { joinSpans, type Span } from "./span.ts";
import { lineAt } from "./text-lines.ts";

/** Each keyword of each rule, and the rule's place in {@link SECRET_RULES}. */
const KEYWORDS = SECRET_RULES.flatMap(({ keywords }, rank) =>
  keywords.map((keyword) => ({ keyword, rank })),
);
const TRIED_WORDS = Math.ceil(SECRET_RULES.length / 32);
const SEARCH = new KeywordSearch(KEYWORDS.map(({ keyword }) => keyword));

/**
 * Finds the secrets in a text, in order.
 *
 * The text is searched once for the keywords of all rules; a rule's pattern is tried only on lines
 * with its keyword. As rules look at single lines, a line has the same secrets in a patch as in code.
 *
 * @param isPatch whether each line begins with a sign, which is no part of it.
 */
export function findSecrets(text: string, isPatch: boolean): Span[] {
  const found: (Span & { rank: number })[] = [];
  let lineStart = 0;
  let lineEnd = -1;
  let line = "";
  /** Rules that were tried on the line, a bit each. */
  const tried = new Uint32Array(TRIED_WORDS);
  SEARCH.forEach(text, (keyword, end) => {
    if (end > lineEnd) {
      ({ start: lineStart, end: lineEnd } = lineAt(text, end - 1, isPatch));
      tried.fill(0);
      line = text.slice(lineStart, lineEnd);
    }
    const rank = KEYWORDS[keyword]?.rank ?? 0;
    const word = tried[rank >> 5] as number;
    const bit = 1 << (rank & 31);
    if ((word & bit) !== 0) return;
    tried[rank >> 5] = word | bit;
    const rule = SECRET_RULES[rank] as SecretRule;
    for (const [start, end] of secretsOf(rule, line)) {
      found.push({ start: lineStart + start, end: lineStart + end, id: rule.id, rank });
    }
  });
  const keys = findKeyMaterial(text, isPatch);
  if (found.length === 0 && keys.length === 0) return keys;
  found.sort((a, b) => a.rank - b.rank);
  const spans = found.map(({ start, end, id }) => ({ start, end, id }));
  return joinSpans([...keys, ...spans]);
}

/** Characters before a match that tell what it is: `public_` before `key`. */
const CONTEXT = 24;

/** Where a rule finds secrets in a line. */
function* secretsOf(rule: SecretRule, line: string): Generator<[number, number]> {
  const { pattern, group = 0 } = rule;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    const place = match.indices?.[group] ?? match.indices?.[0];
    const end = match.index + match[0].length;
    const context = line.slice(Math.max(0, match.index - CONTEXT), end);
    if (place && isSecret(rule, context, line.slice(...place))) {
      yield place;
      pattern.lastIndex = place[1];
    } else pattern.lastIndex = match.index + 1;
  }
}

function isSecret(rule: SecretRule, context: string, secret: string): boolean {
  const { entropy = 0, isRandom = false, except } = rule;
  if (except?.test(context) || isPlaceholder(secret) || entropyOf(secret) < entropy) return false;
  return !isRandom || (/\d/.test(secret) && /[a-z]/i.test(secret) && !readsLikeWords(secret));
}
