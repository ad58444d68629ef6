/** Bytes of a text in which every character stands for one. */
export const latin1 = (text: string) => Buffer.from(text, "latin1");

/** Numbered lines, from which a change stands out. */
export const lines = (count: number, replaced: Record<number, string> = {}) =>
  Array.from({ length: count }, (_, index) => `${replaced[index] ?? `line ${index}`}\n`).join("");
