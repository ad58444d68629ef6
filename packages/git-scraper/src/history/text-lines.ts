/** The lines of what git printed, without an empty last one. */
export const textLines = (text: string): string[] =>
  text === "" ? [] : text.replace(/\n$/, "").split("\n");
