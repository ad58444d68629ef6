import type { SourceText } from "../../source/source-text.ts";
import { NO_UNIT } from "../../source/unit.ts";
import type { UnitPainter } from "../../source/unit-painter.ts";

/** What a line outside all items holds; a bit each, so that several can be told together. */
export const LineMark = {
  /** What the parser made nothing of. */
  code: 1,
  comment: 2,
  docs: 4,
  /** Code that is no item, in a language whose files may hold such. */
  statement: 8,
} as const;

/** A file of which a larger share lies in no item is not what its name says. */
const MAX_CODE_SHARE = 0.5;

/** A shorter file may be a fragment for `include!`, and is a unit of readable size either way. */
const MIN_LINES_TO_JUDGE = 40;

const NO_SCOPE: readonly string[] = [];

/** The lines that no item has: documentation of the file, comments, statements, broken code. */
export class LooseLines {
  readonly #source: SourceText;
  readonly #marks: Uint8Array;
  /** Modules around each line. */
  readonly #scopes: (readonly string[])[];

  constructor(source: SourceText) {
    this.#source = source;
    this.#marks = new Uint8Array(source.lineCount + 1).fill(LineMark.code);
    this.#scopes = new Array<readonly string[]>(source.lineCount + 1).fill(NO_SCOPE);
  }

  mark(first: number, last: number, mark: number): void {
    this.#marks.fill(mark, first, last + 1);
  }

  /** Says that the parser made nothing of what it may have taken for a statement. */
  doubt(first: number, last: number): void {
    for (let line = first; line <= last; line += 1) {
      if (this.#marks[line] === LineMark.statement) this.#marks[line] = LineMark.code;
    }
  }

  /** Says that the lines are the inside of a module. Outer modules are entered first. */
  enter(scope: readonly string[], first: number, last: number): void {
    this.#scopes.fill(scope, first, last + 1);
  }

  /**
   * Makes each stretch of such lines a unit; blank lines do not end one.
   *
   * @returns false if there is too much code among them for the file to count as parsed.
   */
  paint(painter: UnitPainter): boolean {
    const { lineCount } = this.#source;
    let codeLines = 0;
    let first = 0;
    let last = 0;
    let found = 0;
    const close = () => {
      if (first > 0) this.#add(painter, first, last, found);
      first = 0;
      found = 0;
    };
    for (let line = 1; line <= lineCount; line += 1) {
      if (painter.ownerOf(line) !== NO_UNIT) close();
      else if (!this.#source.isBlank(line)) {
        if (this.#scopes[line] !== this.#scopes[first]) close();
        if (first === 0) first = line;
        last = line;
        const mark = this.#marks[line] ?? LineMark.code;
        found |= mark;
        if (mark === LineMark.code) codeLines += 1;
      }
    }
    close();
    return lineCount < MIN_LINES_TO_JUDGE || codeLines <= MAX_CODE_SHARE * lineCount;
  }

  #add(painter: UnitPainter, first: number, last: number, found: number): void {
    const isCode = (found & (LineMark.code | LineMark.statement)) !== 0;
    const kind = isCode ? "code" : (found & LineMark.docs) !== 0 ? "docs" : "comment";
    const scope = this.#scopes[first] ?? NO_SCOPE;
    painter.add({
      kind,
      name: null,
      scope,
      container: null,
      isTest: false,
      section: null,
      key: [kind, scope.join("::")].join("\0"),
      first,
      last,
    });
  }
}
