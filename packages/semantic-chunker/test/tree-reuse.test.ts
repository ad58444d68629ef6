import { join } from "node:path";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import type { Node } from "web-tree-sitter";
import { readCorpus } from "../corpus/read-corpus.mjs";
import { type FilePatch, parsePatch, type Row } from "../src/diff/patch.ts";
import { type GrammarName, loadParser } from "../src/grammars.ts";
import { languageOf } from "../src/languages/registry.ts";
import { hasError, parse } from "../src/languages/syntax/parse.ts";
import { TreeStore } from "../src/languages/syntax/tree-store.ts";
import { SourceText } from "../src/source/source-text.ts";
import { textEdits } from "../src/source/text-edits.ts";

const GRAMMARS: Record<string, GrammarName> = {
  rs: "rust",
  py: "python",
  ts: "typescript",
  tsx: "tsx",
  js: "javascript",
  go: "go",
  java: "java",
  cpp: "cpp",
  sh: "bash",
};

/** Files of two versions each, from real commits. */
const files = readCorpus(join(import.meta.dirname, "../corpus")).flatMap(({ commits, objects }) =>
  commits.flatMap(({ diffs }) =>
    diffs.flatMap((diff) => {
      const grammar = GRAMMARS[diff.filename.split(".").at(-1) ?? ""];
      return grammar && diff.change_type === "M" ? [{ grammar, diff, objects }] : [];
    }),
  ),
);

/** What no corpus has much of. */
const SAMPLES: Partial<Record<GrammarName, string>> = {
  java: `package a.b;\n\nimport c.D;\n\n/** Doc. */\n@Test\nclass A<T> extends B {\n  int x = 1;\n\n  @Override\n  public <U> void m(T t) throws E {\n    for (int i = 0; i < 3; i++) { t.run(() -> "x" + i); }\n  }\n\n  enum C { P, Q }\n}\n`,
  cpp: `#include <a.h>\n#ifdef X\nnamespace n {\n#endif\ntemplate <class T> struct S : B<T> {\n  S() = default;\n  T f(int a = 1) const { return a < 2 ? T(a) : T{}; }\n};\nstatic int g(char *p) { return p[0] == '\\'' ? 1 : sizeof(int); }\n#define M(x) \\\n  (x + 1)\n}\n`,
  bash: `#!/bin/sh\nset -e\nf() {\n  cat <<E\na $x \${y:-z}\nE\n  if [ "$1" = a ]; then echo "b $(ls)"; fi\n}\nfor i in 1 2; do f "$i"; done\ncase $1 in a) ;; *) exit 1 ;; esac\n`,
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

/** Every node with its place. */
function dump(node: Node): string {
  const lines: string[] = [];
  const cursor = node.walk();
  for (;;) {
    const { row, column } = cursor.startPosition;
    const end = cursor.endPosition;
    lines.push(
      `${cursor.nodeType} ${cursor.startIndex} ${cursor.endIndex} ${row} ${column} ${end.row} ${end.column} ${cursor.currentFieldName}`,
    );
    if (cursor.gotoFirstChild() || cursor.gotoNextSibling()) continue;
    let isDone = false;
    while (!isDone && !cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) isDone = true;
      else continue;
    }
    if (isDone) break;
  }
  cursor.delete();
  return lines.join("\n");
}

/** Parses a version on the tree of the one before, and anew; says whether that made a difference. */
async function expectSameTrees(
  grammar: GrammarName,
  before: string,
  after: string,
  patch: FilePatch,
) {
  const parser = await loadParser(grammar);
  const trees = new TreeStore(1 << 30);
  const [old, fresh] = [new SourceText(before), new SourceText(after)];
  const first = parse(parser, before, undefined);
  if (!first || hasError(first.tree)) {
    first?.tree.delete();
    return false;
  }
  trees.keep("old", first, before.length);
  const edits = () => textEdits(old, fresh, patch);
  // A line that ends the text is another line than one with more behind it.
  if (!edits()) return false;
  const again = parse(parser, after, { id: "new", trees, before: { id: "old", edits } });
  const anew = parse(parser, after, undefined);
  const [dumpAgain, dumpAnew] = [again, anew].map((parsed) => parsed && dump(parsed.tree.rootNode));
  again?.tree.delete();
  anew?.tree.delete();

  expect(dumpAgain === dumpAnew).toBe(true);
  return again?.steps !== anew?.steps;
}

describe("a tree made of the one before", () => {
  it("is the same as one made anew, for real edits", async () => {
    let count = 0;
    for (const { grammar, diff, objects } of files.filter((_, index) => index % 4 === 0)) {
      const [before, after] = await Promise.all(
        [diff.old_blob, diff.new_blob].map((id) => objects.read(id)),
      );
      const patch = parsePatch(diff.patch);
      if (!before || !after || !patch) throw new Error(`The corpus lacks ${diff.filename}.`);
      if (await expectSameTrees(grammar, before.toString(), after.toString(), patch)) count += 1;
    }
    expect(count).toBeGreaterThan(50);
  }, 120_000);

  it.each([1, 2, 3, 4, 5, 6])(
    "is the same for edits in whatever places (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      let count = 0;
      for (let number = 0; number < 60; number += 1) {
        const file = pick(random, files);
        const sample = pick(random, Object.entries(SAMPLES));
        const isSample = random.below(3) === 0;
        const grammar = isSample ? (sample[0] as GrammarName) : file.grammar;
        const text = isSample
          ? sample[1]
          : ((await file.objects.read(file.diff.old_blob))?.toString() ?? "");
        if (text.length > 40000) continue;
        const end = text.endsWith("\n") ? "\n" : "";
        const patch = randomPatch(random, text);
        const after = sideOf(patch, "-", end);
        const before = sideOf(patch, "+", end);
        expect(before).toBe(text);
        if (await expectSameTrees(grammar, before, after, patch)) count += 1;
      }
      expect(count).toBeGreaterThan(5);
    },
    120_000,
  );

  it.each(["(", "[", "{ fn g() "])("is given up where %s nests too deeply", async (open) => {
    const rust = languageOf("rust");
    const trees = new TreeStore(1 << 30);
    const [head, tail] = ["fn f() {\n", "}\nfn h() {}\n"];
    const before = new SourceText(`${head}    1;\n${tail}`);
    const after = new SourceText(`${head}${open.repeat(100_000)}\n${tail}`);
    const patch = parsePatch(`@@ -2 +2 @@\n-${before.line(2)}\n+${after.line(2)}\n`);
    if (!patch) throw new Error("The patch is none.");
    await rust?.cut(before, { id: "old", trees });
    const edits = () => textEdits(before, after, patch);
    const history = { id: "new", trees, before: { id: "old", edits } };
    expect(edits()).toHaveLength(1);
    expect(await rust?.cut(after, history)).toEqual(await rust?.cut(after));
    expect(await rust?.cut(before, { id: "old", trees })).toMatchObject({
      units: [{ name: "f" }, { name: "h" }],
    });
    trees.clear();
  });
});
