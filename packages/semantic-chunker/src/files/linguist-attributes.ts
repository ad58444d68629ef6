import { matchesPattern } from "./glob.ts";

/** What a repository itself says of a file; undefined where it says nothing. */
export interface FileMarks {
  isGenerated?: boolean;
  isVendored?: boolean;
}

/** Every file is compared with every rule; real files have some dozens. What follows is not read. */
const MAX_RULES = 1000;
/** No name is longer than this on most file systems. */
const MAX_PATTERN = 255;

interface Rule {
  pattern: string;
  marks: FileMarks;
}

const ATTRIBUTES: Record<string, keyof FileMarks> = {
  "linguist-generated": "isGenerated",
  "linguist-vendored": "isVendored",
};

/**
 * The `linguist-generated` and `linguist-vendored` attributes of a `.gitattributes` file, as GitHub
 * reads them (https://github.com/github-linguist/linguist/blob/main/docs/overrides.md).
 */
export class LinguistAttributes {
  readonly #rules: Rule[] = [];

  constructor(text: string) {
    for (const line of text.split("\n")) {
      if (!line.includes("linguist-")) continue;
      const [pattern = "", ...attributes] = line.trim().split(/\s+/);
      if (pattern.startsWith("#") || pattern.length > MAX_PATTERN) continue;
      const marks: FileMarks = {};
      for (const attribute of attributes) {
        const [, sign, name = "", value] = /^([-!]?)([^=]+)(?:=(.*))?$/.exec(attribute) ?? [];
        const mark = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
        if (mark) marks[mark] = sign === "" && value !== "false";
      }
      if (Object.keys(marks).length > 0) this.#rules.push({ pattern, marks });
      if (this.#rules.length === MAX_RULES) break;
    }
  }

  /** What the last matching lines say of `path`. */
  marksOf(path: string): FileMarks {
    const marks: FileMarks = {};
    for (const rule of this.#rules) {
      if (matchesPattern(rule.pattern, path)) Object.assign(marks, rule.marks);
    }
    return marks;
  }
}
