/** A line without the byte order mark that some editors put before a file's first character. */
export const withoutByteOrderMark = (line: string): string =>
  line.startsWith("\ufeff") ? line.slice(1) : line;
