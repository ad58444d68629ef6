import type { UnitOp } from "@repotune/schema";
import type { Lexis } from "../files/file-language.ts";
import { groupBy } from "../group-by.ts";
import { textOf, type UnitRef } from "./file-change.ts";
import { isRespelled } from "./impl-name.ts";
import { lex } from "./lexer.ts";
import { bagOf, dice, diceBound, sketchOf, type TokenBag } from "./similarity.ts";

/** Fewer tokens say too little, except where one unit replaces the other: `A = 1` is everywhere. */
const MIN_TOKENS = 8;
/** A unit of another name in another file is recognised only if it is longer. */
const MIN_TOKENS_ELSEWHERE = 30;

/**
 * Least similarity for two units to be the same one, changed. A single threshold of 0.7 took one
 * function for another in a quarter of the cases; what stays in its file, or keeps its name, needs
 * less evidence than what does neither.
 */
const SAME_FILE = 0.7;
/** Short units are alike by their form alone: `static X: Lazy<…> = Lazy::new(|| …)`. */
const SAME_FILE_SHORT = 0.85;
const SAME_NAME = 0.5;
const ELSEWHERE = 0.9;

/** Pairs compared in one file; beyond, only those found by their sketches are. */
const MAX_PAIRS_IN_FILE = 40_000;

/** What this many units have in common (a title, a sketch value) is boilerplate. */
const MAX_ALIKE = 64;

/** Stands for a unit's own name among its tokens. */
const OWN_NAME = "\u0001";

/** A unit that was moved or renamed. */
export interface Moved {
  op: UnitOp;
  old: UnitRef;
  new: UnitRef;
}

interface Candidate {
  ref: UnitRef;
  order: number;
  tokens: string[];
  isShort: boolean;
  /** Kind and language: only like is compared with like. */
  sort: string;
  /** Name and what it is a member of. */
  title: string;
  isTaken: boolean;
}

/** A candidate that is no one's partner yet. */
interface Compared extends Candidate {
  bag: TokenBag;
}

/**
 * Matches units that lost their place with units that appeared, in all files of a commit.
 *
 * First those whose tokens, but for their own name, are equal; then the most similar. Units without
 * a name are not looked for: one group of imports is like another.
 */
export function pairAcross(oldRefs: UnitRef[], newRefs: UnitRef[]): Moved[] {
  const sorts = new Set(oldRefs.map(sortOf));
  const news = candidates(newRefs.filter((ref) => sorts.has(sortOf(ref))));
  const newSorts = new Set(news.map(({ sort }) => sort));
  const olds = candidates(oldRefs.filter((ref) => newSorts.has(sortOf(ref))));
  const pairs = [...pairEqual(olds, news), ...pairSimilar(olds, news)];
  return pairs.map(([old, fresh]) => ({
    op: old.ref.unit.name === fresh.ref.unit.name ? "moved" : "renamed",
    old: old.ref,
    new: fresh.ref,
  }));
}

/** Whether a function is a test or a method may change with its place. */
const sortOf = ({ unit: { kind }, file: { language } }: UnitRef) =>
  `${language} ${kind === "test" || kind === "method" ? "function" : kind}`;

function candidates(refs: UnitRef[]): Candidate[] {
  const result: Candidate[] = [];
  for (const ref of refs) {
    const { name, container } = ref.unit;
    if (name === null) continue;
    const { lexis } = ref.file;
    const own = new Set(lexis.isLayoutSensitive ? wordsOf(name, lexis) : [name]);
    const tokens = lex(textOf(ref), lexis).code.map((token) => (own.has(token) ? OWN_NAME : token));
    result.push({
      ref,
      order: result.length,
      tokens,
      isShort: tokens.length < MIN_TOKENS,
      sort: sortOf(ref),
      title: `${container ?? ""}\0${name}`,
      isTaken: false,
    });
  }
  return result;
}

/** The tokens of a name, such as a heading's, but for the start of its line. */
const wordsOf = (name: string, lexis: Lexis) =>
  lex(name, lexis).code.filter((token) => !token.startsWith("\n"));

function* pairEqual(olds: Candidate[], news: Candidate[]): Generator<[Candidate, Candidate]> {
  const byTokens = groupBy(olds, ({ sort, tokens }) => `${sort}\0${tokens.join("\0")}`);
  for (const fresh of news) {
    const group = byTokens.get(`${fresh.sort}\0${fresh.tokens.join("\0")}`) ?? [];
    const free = group.filter(
      (old) => !old.isTaken && (!fresh.isShort || isInPlace(old.ref, fresh.ref)),
    );
    const old =
      free.find((candidate) => candidate.title === fresh.title) ??
      free.find((candidate) => candidate.ref.file === fresh.ref.file) ??
      free[0];
    if (!old) continue;
    old.isTaken = true;
    fresh.isTaken = true;
    yield [old, fresh];
  }
}

/**
 * Whether the diff replaces the one's first line by the other's, or shows it as common. Declarations
 * of modules say nothing by that: one often takes the place of another in their order.
 */
function isInPlace({ file, unit }: UnitRef, fresh: UnitRef): boolean {
  if (file !== fresh.file || unit.kind === "module") return false;
  const before = file.alignment.rowOfOld(unit.first);
  const after = file.alignment.rowOfNew(fresh.unit.first);
  return before !== undefined && (after === before || after === before + 1);
}

function* pairSimilar(olds: Candidate[], news: Candidate[]): Generator<[Candidate, Candidate]> {
  const scored: { old: Compared; fresh: Compared; score: number }[] = [];
  for (const [old, fresh] of likelyPairs(compared(olds), compared(news))) {
    const threshold = thresholdFor(old, fresh);
    if (diceBound(old.bag, fresh.bag) < threshold) continue;
    const score = dice(old.bag, fresh.bag);
    // What needs no likeness to be the same goes before what is only like it.
    if (score >= threshold) scored.push({ old, fresh, score: threshold === 0 ? 1 + score : score });
  }
  scored.sort(
    (a, b) => b.score - a.score || a.fresh.order - b.fresh.order || a.old.order - b.old.order,
  );
  for (const { old, fresh } of scored) {
    if (old.isTaken || fresh.isTaken) continue;
    old.isTaken = true;
    fresh.isTaken = true;
    yield [old, fresh];
  }
}

const compared = (candidates: Candidate[]): Compared[] =>
  candidates
    .filter(isComparable)
    .map((candidate) => Object.assign(candidate, { bag: bagOf(candidate.tokens) }));

const isComparable = ({ isTaken, isShort, ref }: Candidate) =>
  !isTaken && (!isShort || ref.unit.kind === "impl");

function thresholdFor(old: Compared, fresh: Compared): number {
  const isSameFile = old.ref.file === fresh.ref.file;
  if (isSameFile && isRespelled(old.ref.unit, fresh.ref.unit)) return 0;
  if (old.isShort || fresh.isShort) return Number.POSITIVE_INFINITY;
  if (old.title === fresh.title) return SAME_NAME;
  const isLong = Math.min(old.bag.size, fresh.bag.size) >= MIN_TOKENS_ELSEWHERE;
  if (isSameFile) return isLong ? SAME_FILE : SAME_FILE_SHORT;
  return isLong ? ELSEWHERE : Number.POSITIVE_INFINITY;
}

/** Pairs worth comparing: of one file, of one name, or with a common sketch value. */
function* likelyPairs(olds: Compared[], news: Compared[]): Generator<[Compared, Compared]> {
  const inFile = groupBy(olds, ({ ref, sort }) => `${fileId(ref)}\0${sort}`);
  const byTitle = groupBy(olds, ({ sort, title }) => `${sort}\0${title}`);
  const bySketch = new Map<string, Compared[]>();
  for (const old of olds) {
    for (const [index, value] of sketchOf(old.bag).entries()) {
      const key = `${old.sort} ${index} ${value}`;
      const group = bySketch.get(key);
      if (group) group.push(old);
      else bySketch.set(key, [old]);
    }
  }
  const newsInFile = groupBy(news, ({ ref, sort }) => `${fileId(ref)}\0${sort}`);
  for (const fresh of news) {
    const key = `${fileId(fresh.ref)}\0${fresh.sort}`;
    const neighbours = inFile.get(key) ?? [];
    const isFew = neighbours.length * (newsInFile.get(key)?.length ?? 0) <= MAX_PAIRS_IN_FILE;
    const found = new Set(isFew ? neighbours : []);
    for (const old of few(byTitle.get(`${fresh.sort}\0${fresh.title}`))) found.add(old);
    for (const [index, value] of sketchOf(fresh.bag).entries()) {
      for (const old of few(bySketch.get(`${fresh.sort} ${index} ${value}`))) found.add(old);
    }
    for (const old of found) yield [old, fresh];
  }
}

const few = (group: Compared[] | undefined) => (group && group.length <= MAX_ALIKE ? group : []);

/** A file's path after the change, which is unique in a commit. */
const fileId = ({ file }: UnitRef) => file.diff.filename;
