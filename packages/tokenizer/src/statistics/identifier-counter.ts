/** What one token does to the identifiers in a text. */
interface Outline {
  /** Whether its first byte can go on with a word that is not finished, and whether its last can. */
  startsInWord: boolean;
  endsInWord: boolean;
  /** Whether all of its bytes can. */
  isWithinWord: boolean;
  /** Whether a word that its first byte begins is an identifier, not a number. */
  startsIdentifier: boolean;
  /** Whether the word that its last byte belongs to is an identifier, if it began in this token. */
  endsIdentifier: boolean;
  /** Identifiers that begin behind its first byte. */
  innerIdentifiers: number;
}

/**
 * Counts the identifiers in a text by its tokens alone, and the tokens they take: runs of letters,
 * digits and `_` that begin with no digit, keywords and words of comments among them. Bytes from 0x80
 * are taken for letters.
 */
export class IdentifierCounter {
  readonly #outlines: Outline[];
  /** Whether the token before ended in a word, and whether that word is an identifier. */
  #isInWord = false;
  #isInIdentifier = false;
  count = 0;
  /** Of each identifier the tokens that hold a part of it, together. */
  tokens = 0;

  constructor(outlines: Outline[]) {
    this.#outlines = outlines;
  }

  add(id: number): void {
    const outline = this.#outlines[id];
    if (!outline) return;
    let isFirst = outline.startsInWord && outline.startsIdentifier;
    if (outline.startsInWord && this.#isInWord) {
      isFirst = false;
      if (this.#isInIdentifier) this.tokens += 1;
    }
    const begun = (isFirst ? 1 : 0) + outline.innerIdentifiers;
    this.count += begun;
    this.tokens += begun;
    const goesOn = outline.isWithinWord && this.#isInWord;
    this.#isInIdentifier = goesOn ? this.#isInIdentifier : outline.endsIdentifier;
    this.#isInWord = outline.endsInWord;
  }

  /** Ends a text: what follows is another. */
  end(): void {
    this.#isInWord = false;
    this.#isInIdentifier = false;
  }
}

/** The outlines of all tokens of a vocabulary, which counters share. */
export const outlinesOf = (tokenBytes: readonly Uint8Array[]): Outline[] => tokenBytes.map(outline);

function outline(bytes: Uint8Array): Outline {
  let innerIdentifiers = 0;
  let isWithinWord = bytes.length > 0;
  let endsIdentifier = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (!isWordByte(byte)) {
      isWithinWord = false;
      endsIdentifier = false;
    } else if (at === 0 || !isWordByte(bytes[at - 1] ?? 0)) {
      endsIdentifier = !isDigit(byte);
      if (at > 0 && endsIdentifier) innerIdentifiers += 1;
    }
  }
  const [first = 0] = bytes;
  return {
    startsInWord: isWordByte(first),
    endsInWord: isWordByte(bytes.at(-1) ?? 0),
    isWithinWord,
    startsIdentifier: isWordByte(first) && !isDigit(first),
    endsIdentifier,
    innerIdentifiers,
  };
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

const isWordByte = (byte: number): boolean =>
  isDigit(byte) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x5f ||
  byte >= 0x80;
