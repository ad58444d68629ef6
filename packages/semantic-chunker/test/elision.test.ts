import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { readCorpus } from "../corpus/read-corpus.mjs";
import { type FilePatch, parsePatch, type Row } from "../src/diff/patch.ts";
import { languageOfFile } from "../src/files/file-language.ts";
import type { Language } from "../src/languages/language.ts";
import { languageOf } from "../src/languages/registry.ts";
import { lineEdits } from "../src/source/line-edits.ts";
import { SourceText } from "../src/source/source-text.ts";
import { isUnitMap, type UnitMap } from "../src/source/unit.ts";

/** Languages that are parsed, by their names. */
const PARSED = /^(rust|python|typescript|tsx|javascript|go|java|c|cpp|shell)$/;

/** Files of two versions each, from real commits. */
const files = readCorpus(join(import.meta.dirname, "../corpus")).flatMap(({ commits, objects }) =>
  commits.flatMap(({ diffs }) =>
    diffs.flatMap((diff) => {
      const name = languageOfFile(diff.filename);
      const language = PARSED.test(name) ? languageOf(name) : undefined;
      return language && diff.change_type === "M" ? [{ language, diff, objects }] : [];
    }),
  ),
);

/** What no corpus has much of. */
const SAMPLES: Record<string, string> = {
  java: `package a.b;\n\nimport c.D;\n\n/** Doc. */\n@Test\nclass A<T> extends B {\n  int x = 1;\n\n  @Override\n  public <U> void m(T t) throws E {\n    for (int i = 0; i < 3; i++) { t.run(() -> "x" + i); }\n  }\n\n  enum C { P, Q }\n}\n`,
  cpp: `#include <a.h>\n#ifdef X\nnamespace n {\n#endif\ntemplate <class T> struct S : B<T> {\n  S() = default;\n  T f(int a = 1) const { return a < 2 ? T(a) : T{}; }\n};\nstatic int g(char *p) { return p[0] == '\\'' ? 1 : sizeof(int); }\n#define M(x) \\\n  (x + 1)\n}\n`,
  shell: `#!/bin/sh\nset -e\nf() {\n  cat <<E\na $x \${y:-z}\nE\n  if [ "$1" = a ]; then echo "b $(ls)"; fi\n}\nfor i in 1 2; do f "$i"; done\ncase $1 in a) ;; *) exit 1 ;; esac\n`,
  tsx: `import a from "b";\nexport const C = ({ x }: P) => <div className={\`a \${x}\`}>{x ? <B /> : "y"}</div>;\ndescribe("d", () => {\n  it("i", async () => { await f<T>(1); });\n});\nclass D<T> { #p = 1; m(): T | undefined { return /a[/]b/.test("") ? undefined : (1 as T); } }\n`,
};

const NASTY = [
  ...[
    "/*",
    "*/",
    '"',
    "'",
    "`",
    '"""',
    'r#"',
    '"#',
    'r##"',
    "<<E",
    "E",
    "//",
    "#",
    "{",
    "}",
    "(",
    ")",
  ],
  ...[
    "",
    "  ",
    "\t",
    "\r",
    "é = \u{1F600};\r",
    "// \u{1F980}",
    "\u2028",
    "\uFEFF",
    "\0",
    "<<<<<<<",
    "=======",
    "@",
    "\\",
  ],
  ...[
    "#[cfg(test)]",
    "mod m {",
    "class A:",
    "    pass",
    "if x:",
    "else:",
    "export {",
    "fn f() {",
    "</div>",
  ],
];

const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)] as T;

/** A text after random edits of its lines, as the patch from one to the other. */
function randomPatch(random: Random, text: string): FilePatch {
  const lines = text.split("\n");
  const isClosed = lines.at(-1) === "";
  if (isClosed) lines.pop();
  const rows: Row[] = [];
  let [old, fresh] = [1, 1];
  const add = (sign: Row["sign"], line: string) => {
    rows.push({ sign, text: line, old, new: fresh, hunk: 0, isUnterminated: false });
    if (sign !== "+") old += 1;
    if (sign !== "-") fresh += 1;
  };
  const rarity = 2 + random.below(4 * lines.length);
  for (const [index, line] of lines.entries()) {
    const roll = random.below(4 * rarity);
    if (roll === 0 || roll === 1) add("-", line);
    else if (isClosed || index < lines.length - 1) add(" ", line);
    else {
      // A line without a line feed is another line than one with it.
      add("-", line);
      add("+", line);
    }
    if (roll === 1 || roll === 2)
      add("+", random.below(4) > 0 ? pick(random, lines) : pick(random, NASTY));
    if (roll === 3)
      for (let count = random.below(9); count > 0; count -= 1) add("+", pick(random, lines));
  }
  return { hunks: [], rows };
}

const sideOf = ({ rows }: FilePatch, without: Row["sign"], end: string) =>
  rows
    .filter(({ sign }) => sign !== without)
    .map((row) => row.text)
    .join("\n") + end;

/** Cuts a version knowing the one before, and anew; says whether that made a difference of work. */
async function expectSameUnits(
  language: Language,
  before: string,
  after: string,
  patch: FilePatch,
): Promise<boolean> {
  const [old, fresh] = [new SourceText(before), new SourceText(after)];
  const map = await language.cut(old);
  if (!isUnitMap(map)) return false;
  const edits = () => lineEdits(old, fresh, patch);
  // A line that ends the text is another line than one with more behind it.
  if (!edits()) return false;
  const again = await language.cut(fresh, { source: old, map, edits });
  const anew = await language.cut(fresh);
  if (!isUnitMap(again) || !isUnitMap(anew)) {
    expect(again).toEqual(anew);
    return false;
  }
  expect(withoutSteps(again)).toEqual(withoutSteps(anew));
  return again.outline?.steps !== anew.outline?.steps;
}

const withoutSteps = (map: UnitMap) => ({
  ...map,
  outline: map.outline && { ...map.outline, steps: 0 },
});

/** A text that is long enough for parts of it to be left out. */
const repeated = (text: string) => text.repeat(Math.max(1, Math.ceil(6000 / text.length)));

describe("a file cut as a change of the one before", () => {
  it("is as one cut anew, for real edits", async () => {
    let count = 0;
    for (const { language, diff, objects } of files) {
      const [before, after] = await Promise.all(
        [diff.old_blob, diff.new_blob].map((id) => objects.read(id)),
      );
      const patch = parsePatch(diff.patch);
      if (!before || !after || !patch) throw new Error(`The corpus lacks ${diff.filename}.`);
      if (await expectSameUnits(language, before.toString(), after.toString(), patch)) count += 1;
    }
    expect(count).toBeGreaterThan(50);
  }, 120_000);

  it.each([1, 2, 3, 4, 5, 6])(
    "is as one cut anew, for edits in whatever places (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      let count = 0;
      for (let number = 0; number < 300; number += 1) {
        const file = pick(random, files);
        const sample = pick(random, Object.entries(SAMPLES));
        const isSample = random.below(3) === 0;
        const language = isSample ? languageOf(sample[0]) : file.language;
        if (!language) throw new Error(`There is no language ${sample[0]}.`);
        const text = isSample
          ? repeated(sample[1])
          : ((await file.objects.read(file.diff.old_blob))?.toString() ?? "");
        if (text.length > 40000) continue;
        const end = text.endsWith("\n") ? "\n" : "";
        const patch = randomPatch(random, text);
        const after = sideOf(patch, "-", end);
        const before = sideOf(patch, "+", end);
        expect(before).toBe(text);
        if (await expectSameUnits(language, before, after, patch)) count += 1;
      }
      expect(count).toBeGreaterThan(5);
    },
    120_000,
  );

  it.each(["(", "[", "{ fn g() "])("is given up where %s nests too deeply", async (open) => {
    const rust = languageOf("rust");
    const others = "/// Another.\nfn g() {\n    call(1);\n}\n".repeat(100);
    const [head, tail] = [`${others}fn f() {\n`, `}\nfn h() {}\n${others}`];
    const before = new SourceText(`${head}    1;\n${tail}`);
    const after = new SourceText(`${head}${open.repeat(100_000)}\n${tail}`);
    const patch = parsePatch(`@@ -402 +402 @@\n-${before.line(402)}\n+${after.line(402)}\n`);
    const map = await rust?.cut(before);
    if (!patch || !map || !isUnitMap(map)) throw new Error("The sample is none.");
    const edits = () => lineEdits(before, after, patch);
    expect(edits()).toHaveLength(1);
    expect(await rust?.cut(after, { source: before, map, edits })).toEqual(await rust?.cut(after));
    expect(await rust?.cut(before)).toEqual(map);
  });

  it("takes time in proportion to the edits, wherever they are", async () => {
    const rust = languageOf("rust");
    const lines = 40_000;
    const fields = "mod a;".repeat(lines);
    const before = new SourceText(`${"\n".repeat(2 * lines)}${fields}\n`);
    const after = new SourceText(`${" \n\n".repeat(lines)}${fields}\n`);
    const edits = Array.from({ length: lines }, (_, index) => {
      const line = 2 * index + 1;
      return { old: line, oldEnd: line + 1, new: line, newEnd: line + 1 };
    });
    const map = await rust?.cut(before);
    if (!map || !isUnitMap(map)) throw new Error("The sample is none.");
    const start = process.cpuUsage();
    const again = await rust?.cut(after, { source: before, map, edits: () => edits });
    const { user } = process.cpuUsage(start);
    expect(user).toBeLessThan(10e6);
    expect(again).toEqual(await rust?.cut(after));
  }, 120_000);

  it("keeps nothing of earlier versions", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    const rust = languageOf("rust");
    const outlines: unknown[] = [];
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let number = 0; number < 100; number += 1) {
      const text = `#[allow(dead_code)]\nfn with_a_long_name_${number}() { "${"x".repeat(500_000)}" }\n`;
      const map = await rust?.cut(new SourceText(text));
      if (!map || !isUnitMap(map)) throw new Error("The sample is none.");
      outlines.push(map.outline);
    }
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10e6);
    expect(outlines).toHaveLength(100);
  }, 120_000);
});
