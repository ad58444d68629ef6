import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import type { Language } from "../src/languages/language.ts";
import { languageOf } from "../src/languages/registry.ts";
import { lex } from "../src/match/lexer.ts";
import { SourceText } from "../src/source/source-text.ts";
import { isUnitMap } from "../src/source/unit.ts";

const MANY = 300_000;
const languages = ["rust", "toml", "yaml", "json", "markdown"];

/** What takes quadratic time, or overflows a stack, in a careless parser. */
const texts: Record<string, string> = {
  "a heading of spaces": `#${" ".repeat(MANY)}x`,
  "a header of spaces": `[${" ".repeat(MANY)}x`,
  "a key of spaces": `k${" ".repeat(MANY)}x`,
  "open brackets": "([{".repeat(MANY / 3),
  "open brackets on lines": "{\n[\n(\n".repeat(MANY / 6),
  "open comments": "/*".repeat(MANY / 2),
  "open strings": `${'"'.repeat(MANY - 1)}`,
  "raw strings": 'r#"'.repeat(MANY / 3),
  apostrophes: "'".repeat(MANY),
  backslashes: "\\".repeat(MANY),
  "angle brackets": "fn a<".repeat(MANY / 5),
  attributes: "#[a]\n".repeat(MANY / 5),
  "empty modules": "mod a {\n}\n".repeat(MANY / 10),
  "equal functions": "fn a() {}\n".repeat(MANY / 10),
  "line feeds": "\n".repeat(MANY),
  "carriage returns": "\r".repeat(MANY),
  NUL: "\0".repeat(MANY),
  "half a character": "\ud83d".repeat(1000),
};

describe.each(Object.entries(texts))("%s", (_, text) => {
  it.each(languages)("do not stop %s", async (language) => {
    const source = new SourceText(text);
    const result = await (languageOf(language) as Language).cut(source);
    if (!isUnitMap(result)) {
      expect(["too_long", "parse_limit", "not_parsed"]).toContain(result);
      return;
    }
    expect(result.owners).toHaveLength(source.lineCount + 1);
    let strays = 0;
    for (let number = 1; number <= source.lineCount; number++) {
      const isOwned = result.units[result.owners[number] as number] !== undefined;
      if (!isOwned && /[^ \t\r\n]/.test(source.line(number))) strays++;
    }
    expect(strays).toBe(0);
  });

  it("are divided into tokens", () => {
    const lexis = { hasSlashComments: true, hasHashComments: false, hasDocstrings: false };
    for (const isRust of [true, false]) {
      const { code, comments } = lex(text, { ...lexis, isLayoutSensitive: false, isRust });
      expect(code.length + comments.length).toBeLessThanOrEqual(text.length);
    }
  });
});

describe("random bytes", () => {
  it.each(languages)("have an owner for each line that is not blank: %s", async (language) => {
    const random = seededRandom(11);
    const alphabet = "ab{}[]()#!'\"/*\\:=-`~|<>;,. \t\n\n\n\r\u00e9\u2028\0";
    for (let round = 0; round < 60; round += 1) {
      const characters = Array.from({ length: random.below(600) }, () =>
        alphabet.charAt(random.below(alphabet.length)),
      );
      const source = new SourceText(characters.join(""));
      const map = await languageOf(language)?.cut(source);
      if (!map || !isUnitMap(map)) continue;
      for (let line = 1; line <= source.lineCount; line += 1) {
        const owner = map.owners[line] ?? -1;
        if (!source.isBlank(line)) expect(owner).toBeGreaterThanOrEqual(0);
        if (owner < 0) continue;
        const unit = map.units[owner];
        expect(unit && unit.first <= line && line <= unit.last).toBe(true);
      }
    }
  });
});
