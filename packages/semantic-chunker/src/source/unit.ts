import type { Outline } from "../languages/syntax/outline.ts";

/** A part of a file that a programmer would name: a function, a table, a section. */
export interface Unit {
  /** What it is: `function`, `method`, `test`, `struct`, `impl`, `use`, `table`, `section`, … */
  kind: string;
  /** Its bare name; null for what has none, such as a group of imports. */
  name: string | null;
  /** Modules it lies in, within the file. */
  scope: readonly string[];
  /** What it is a member of: a type, a trait, or `<Type as Trait>`. */
  container: string | null;
  /** Whether it is code that only runs under test. */
  isTest: boolean;
  /** Heading path, table or key, for documents and configuration. */
  section: string | null;
  /** Equal for what is the same unit before and after a change, as far as names tell. */
  key: string;
  /** Condition under which it is compiled: tells units of one key apart, as far as both sides have it. */
  variant?: string;
  /** First and last line, attributes and documentation included. Members may lie in between. */
  first: number;
  last: number;
}

/** {@link UnitMap.owners} of a line that belongs to no unit: it is blank. */
export const NO_UNIT = -1;

/** The units of a file and whose each line is. */
export interface UnitMap {
  units: Unit[];
  /** Unit that each line belongs to, as an index, `[lines + 1]`; index 0 is not used. */
  owners: Int32Array;
  /**
   * How well a unit can be cut before each line, `[lines + 1]`: a {@link CutDepth}. Without it,
   * indentation tells.
   */
  cuts?: Uint8Array;
  /** What the file's next version may be cut with, if its language has such. */
  outline?: Outline & {
    /** Steps that it took to parse the file, those of earlier versions included. */
    steps: number;
  };
}

/** Why a file is not cut by syntax. */
export type Degradation =
  /** Its text is longer than a parser is given. */
  | "too_long"
  /** Parsing it took too many steps. */
  | "parse_limit"
  /** Most of it does not follow the language's grammar. */
  | "not_parsed";

/** Whether `result` is a map of units. */
export const isUnitMap = (result: UnitMap | Degradation): result is UnitMap =>
  typeof result !== "string";
