/**
 * A text as a string of its own. V8 makes a part of a string as a view, which keeps the whole alive:
 * a name that is remembered would keep its file.
 */
export const detached = (text: string): string =>
  // Of UTF-16, so that halves of surrogate pairs stay what they are.
  Buffer.from(text, "utf16le").toString("utf16le");
