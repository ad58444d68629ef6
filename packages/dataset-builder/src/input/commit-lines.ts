import type { Commit } from "@repotune/schema";
import { type Sketch, sketchOf } from "../near-duplicates/sketch.ts";

/** What a commit's patches are compared by. */
export interface CommitLines {
  /**
   * Equal for patches that are the same but for line numbers and white space, as with
   * git-patch-id(1): 53 bits, 0 for a commit that changes nothing or joins others.
   */
  patchId: number;
  /** A hash of each added line that says something, in order. */
  added: Uint32Array;
  /** The set of added and of removed lines that say something. */
  changed: Sketch;
}

const AT = 64;
const LINE_FEED = 10;
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;

/**
 * Reads a commit's patches once, character by character.
 *
 * White space does not count, and lines without a letter or digit (braces, rules) say nothing. A
 * merge is empty: against its first parent it repeats what the commits did that it joins.
 */
export function commitLines({ metadata, diffs }: Pick<Commit, "metadata" | "diffs">): CommitLines {
  const added = new NumberList();
  const changed = new NumberList();
  const patch = { low: 0, high: 0 };
  if (!metadata.is_merge) for (const diff of diffs) addDiff(diff, patch, added, changed);
  const high = (patch.high & 0x1fffff) >>> 0;
  return {
    patchId: high * 2 ** 32 + (patch.low >>> 0),
    added: added.values,
    changed: sketchOf(changed.values),
  };
}

/** Adds one file's section; files count in any order. */
function addDiff(
  { filename, old_blob, new_blob, patch }: Commit["diffs"][number],
  total: { low: number; high: number },
  added: NumberList,
  changed: NumberList,
): void {
  let low = hashText(filename);
  let high = mix(low);
  let at = patch.startsWith("@@") ? 0 : patch.indexOf("\n@@") + 1;
  if (at === 0 && !patch.startsWith("@@")) {
    // Binary, or left out: only the same two blobs make the same change.
    low = mix(low ^ hashText(old_blob));
    high = mix(high ^ hashText(new_blob));
    at = patch.length;
  }
  while (at < patch.length) {
    const sign = patch.charCodeAt(at++);
    let hash = 0x811c9dc5;
    let saysSomething = false;
    for (; at < patch.length; at++) {
      const character = patch.charCodeAt(at);
      if (character === LINE_FEED) break;
      if (character <= SPACE) continue;
      hash = Math.imul(hash ^ character, 0x01000193);
      if (!saysSomething) saysSomething = isWordCharacter(character);
    }
    at++;
    if (sign === AT) continue; // Line numbers, and the function git names behind them.
    hash = mix(hash);
    low = mix(low ^ (hash + sign));
    high = Math.imul(high ^ low, 0x9e3779b1) + hash;
    if (!saysSomething) continue;
    if (sign === PLUS) added.push(hash >>> 0);
    if (sign === PLUS || sign === MINUS) changed.push(mix(hash + sign) >>> 0);
  }
  total.low += low;
  total.high += mix(high);
}

const isWordCharacter = (code: number): boolean =>
  (code >= 48 && code <= 57) ||
  (code >= 65 && code <= 90) ||
  (code >= 97 && code <= 122) ||
  code > 127;

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3 (https://github.com/aappleby/smhasher): every bit moves every other. */
export function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Numbers of 32 bits, appended one by one. */
class NumberList {
  #numbers = new Uint32Array(64);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#numbers.length) {
      const wider = new Uint32Array(2 * this.#length);
      wider.set(this.#numbers);
      this.#numbers = wider;
    }
    this.#numbers[this.#length++] = value;
  }

  get values(): Uint32Array {
    return this.#numbers.subarray(0, this.#length);
  }
}
