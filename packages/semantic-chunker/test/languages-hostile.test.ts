import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import type { Language } from "../src/languages/language.ts";
import { languageOf } from "../src/languages/registry.ts";
import { SourceText } from "../src/source/source-text.ts";
import { isUnitMap } from "../src/source/unit.ts";
import { SOURCES } from "./samples.ts";

const MANY = 100_000;
const LANGUAGES = [
  ...["python", "typescript", "tsx", "javascript", "go", "java", "c", "cpp", "shell"],
];

/** What takes quadratic time, or overflows a stack, in a careless parser or walker. */
const TEXTS: Record<string, string> = {
  brackets: "([{".repeat(MANY / 3),
  "brackets on lines": "{\n[\n(\n".repeat(MANY / 6),
  "open strings": `x = ${'"'.repeat(MANY + 1)}`,
  templates: "`$".concat("{`$".repeat(MANY / 3)),
  "template parameters": "template <class T> ".repeat(MANY / 19),
  "open here-documents": "cat <<A\n".repeat(MANY / 8),
  "conditions of the preprocessor": "#ifdef A\n".repeat(MANY / 9),
  "nested namespaces": `${"namespace a {\n".repeat(3000)}int x;\n${"}\n".repeat(3000)}`,
  "nested classes": `${"class A {\n".repeat(3000)}${"}\n".repeat(3000)}`,
  "indented classes": Array.from(
    { length: 300 },
    (_, depth) => `${" ".repeat(depth)}class A:\n`,
  ).join(""),
  "nested suites": `${'describe("a", () => {\n'.repeat(2000)}${"});\n".repeat(2000)}`,
  pointers: `int ${"*".repeat(MANY)}x;\n`,
  decorators: "@a\n".repeat(MANY / 3),
  "calls in a row": `a${".b()".repeat(MANY / 4)};\n`,
  exports: "export ".repeat(MANY / 7),
  "equal functions": "def f(): pass\n".repeat(MANY / 14),
  "a table of names": "constructor = toString\n__proto__ = 1\n",
  "carriage returns": "x = 1\r".repeat(MANY / 6),
  NUL: "\0".repeat(MANY),
};

/** Checks that each line that is not blank has exactly one owner, and that this one spans it. */
async function expectOwned(language: string, text: string): Promise<void> {
  const source = new SourceText(text);
  const map = await (languageOf(language) as Language).cut(source);
  if (!isUnitMap(map)) {
    expect(["too_long", "parse_limit", "not_parsed"]).toContain(map);
    return;
  }
  expect(map.owners).toHaveLength(source.lineCount + 1);
  const strays: number[] = [];
  for (let line = 1; line <= source.lineCount; line += 1) {
    const unit = map.units[map.owners[line] ?? -1];
    if (unit ? line < unit.first || line > unit.last : !source.isBlank(line)) strays.push(line);
  }
  expect(strays).toEqual([]);
}

describe.each(LANGUAGES)("%s", (language) => {
  it.each(Object.entries(TEXTS))("survives %s", async (_, text) => {
    await expectOwned(language, text);
  });

  it("survives other languages, whole and cut short anywhere", async () => {
    for (const sample of SOURCES) {
      for (let end = sample.length; end > 0; end -= 7) {
        await expectOwned(language, sample.slice(0, end));
      }
    }
  });

  it("survives samples with lines exchanged", async () => {
    const random = seededRandom(5);
    const lines = SOURCES.flatMap((sample) => sample.split("\n"));
    for (let round = 0; round < 100; round += 1) {
      const picked = Array.from(
        { length: random.below(40) },
        () => lines[random.below(lines.length)],
      );
      await expectOwned(language, picked.join("\n"));
    }
  });
});
