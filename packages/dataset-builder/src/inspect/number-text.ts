/** A number with its thousands apart. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** A share as a percentage with one decimal. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
