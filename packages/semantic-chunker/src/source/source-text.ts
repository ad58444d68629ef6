const NEWLINE = 10;

/**
 * A text with an index of its lines, which are counted as git does: from 1, each closed by a line
 * feed; a carriage return is part of its line.
 */
export class SourceText {
  readonly text: string;
  readonly lineCount: number;
  /** Offset of each line, in UTF-16 code units, and at the end that of a line after the last. */
  readonly #starts: Int32Array;

  constructor(text: string) {
    this.text = text;
    let count = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
    const hasOpenLine = text.length > 0 && text.charCodeAt(text.length - 1) !== NEWLINE;
    this.lineCount = count + (hasOpenLine ? 1 : 0);
    this.#starts = new Int32Array(this.lineCount + 2);
    let line = 1;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      line += 1;
      this.#starts[line] = at + 1;
    }
    // As if the last line were closed, so that every line ends one before the next begins.
    if (hasOpenLine) this.#starts[this.lineCount + 1] = text.length + 1;
  }

  /** Line `number` without its line feed. */
  line(number: number): string {
    return this.lines(number, number);
  }

  /** Lines `first` to `last` without the last line feed. */
  lines(first: number, last: number): string {
    if (last < first) return "";
    return this.text.slice(this.#starts[first], (this.#starts[last + 1] ?? 0) - 1);
  }

  /** Where line `number` begins, in UTF-16 code units; the end of the text for what lies behind it. */
  offsetOf(number: number): number {
    const start = number > this.lineCount ? this.text.length : (this.#starts[number] ?? 0);
    return Math.min(start, this.text.length);
  }

  /** Length of lines `first` to `last` with their line feeds, in UTF-16 units. */
  lengthOf(first: number, last: number): number {
    return Math.max(0, this.offsetOf(last + 1) - this.offsetOf(first));
  }

  /** Whether line `number` holds nothing but white space. */
  isBlank(number: number): boolean {
    const end = (this.#starts[number + 1] ?? 0) - 1;
    for (let at = this.#starts[number] ?? 0; at < end; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code !== 32 && (code < 9 || code > 13)) return false;
    }
    return true;
  }
}
