import { StageError } from "@repotune/schema";
import type { GgufValue } from "./value.ts";

/**
 * Metadata of a GGUF file: a `Map` of typed values, and getters that want a key to be there and of
 * the right kind.
 *
 * Each getter takes a `fallback` for a key that is absent, and throws `E_INPUT`, naming the key and
 * the file, for one that is absent without a fallback or of another kind.
 */
export class GgufMetadata extends Map<string, GgufValue> {
  /** The file it comes from, for error messages. */
  readonly path: string;

  constructor(path: string, entries: Iterable<readonly [string, GgufValue]> = []) {
    super(entries);
    this.path = path;
  }

  /** A string. */
  string(key: string, fallback?: string): string {
    const found = this.#find(key, fallback);
    if (typeof found === "string") return found;
    if (found.type === "string") return found.value;
    throw this.#wrongType(key, "a string", found);
  }

  /** A number, whatever its width. */
  number(key: string, fallback?: number): number {
    const found = this.#find(key, fallback);
    if (typeof found === "number") return found;
    if (typeof found.value === "number") return found.value;
    if (typeof found.value === "bigint" && Number.isSafeInteger(Number(found.value))) {
      return Number(found.value);
    }
    throw this.#wrongType(key, "a number", found);
  }

  /** A number that is whole and not negative, such as a size or an id. */
  count(key: string, fallback?: number): number {
    const value = this.number(key, fallback);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new StageError(
      "E_INPUT",
      `The metadata of ${this.path} has "${key}" = ${value}, which should be a whole number from 0.`,
    );
  }

  /** A truth value. */
  boolean(key: string, fallback?: boolean): boolean {
    const found = this.#find(key, fallback);
    if (typeof found === "boolean") return found;
    if (found.type === "bool") return found.value;
    throw this.#wrongType(key, "a boolean", found);
  }

  /** An array of strings. */
  strings(key: string, fallback?: readonly string[]): readonly string[] {
    const found = this.#find(key, fallback);
    if (!("type" in found)) return found;
    if (found.type === "array" && found.elementType === "string") return found.value;
    throw this.#wrongType(key, "an array of strings", found);
  }

  /** An array of numbers, whatever their width. */
  numbers(key: string, fallback?: ArrayLike<number>): ArrayLike<number> {
    const found = this.#find(key, fallback);
    if (!("type" in found)) return found;
    if (found.type === "array") {
      if (found.elementType === "u64" || found.elementType === "i64") {
        return Float64Array.from(found.value, Number);
      }
      if (found.elementType !== "string" && found.elementType !== "bool") return found.value;
    }
    throw this.#wrongType(key, "an array of numbers", found);
  }

  #find<T>(key: string, fallback: T | undefined): T | GgufValue {
    const found = this.get(key) ?? fallback;
    if (found !== undefined) return found;
    throw new StageError("E_INPUT", `The metadata of ${this.path} has no "${key}".`, {
      hint: "The file may be of another kind than what is asked for here.",
    });
  }

  #wrongType(key: string, expected: string, found: GgufValue): StageError {
    const actual = found.type === "array" ? `an array of ${found.elementType}` : found.type;
    return new StageError(
      "E_INPUT",
      `The metadata of ${this.path} has "${key}" as ${actual}; it should be ${expected}.`,
    );
  }
}
