import { gitRepository } from "@repotune/test-kit/git";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { chunkAll, chunkRepository, expectComplete } from "./collect.ts";
import { scrape } from "./history.ts";

/** Lines of every language, with which random edits make sense and nonsense. */
const LINES = [
  ...[
    "def f(x):",
    "    return 1",
    "class A:",
    "    def g(self): pass",
    "@dec",
    '"""doc"""',
    "X = 1",
  ],
  ...["export class B {", "  m() {}", "}", 'describe("d", () => {', '  it("i", () => {});', "});"],
  ...["import a", 'import b from "b";', "type T struct {", "func (t *T) M() {", "package p;"],
  ...["#include <a.h>", "#ifdef A", "#endif", "namespace n {", "int v;", "template <class T>"],
  ...["f () {", "cat <<E", "E", "# note", "// note", "/* open", "*/", "", "\t\t", "<<<<<<< HEAD"],
];
const NAMES = ["a.py", "b.ts", "c.js", "d.go", "E.java", "f.c", "g.cpp", "h.sh", "i.tsx"];

const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)] as T;

function randomHistory(seed: number) {
  const random = seededRandom(seed);
  const repository = gitRepository();
  const texts = new Map<string, string[]>();
  for (let number = 0; number < 8; number += 1) {
    const files: Record<string, string | null> = {};
    for (let count = 1 + random.below(5); count > 0; count -= 1) {
      const name = pick(random, NAMES);
      const lines = [...(texts.get(name) ?? [])];
      for (let edits = 1 + random.below(12); edits > 0; edits -= 1) {
        lines.splice(random.below(lines.length + 1), random.below(2), pick(random, LINES));
      }
      const isRemoved = texts.has(name) && random.below(8) === 0;
      if (isRemoved) texts.delete(name);
      else texts.set(name, lines);
      files[name] = isRemoved ? null : lines.join("\n");
    }
    repository.commit(`Change ${number}`, files);
  }
  return repository;
}

describe("any history", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "in any language gives each changed line to exactly one chunk (seed %i)",
    async (seed) => {
      const repository = randomHistory(seed);
      const commits = scrape(repository);
      for (const options of [{}, { maxChunkTokens: 16 }]) {
        const { chunks } = await chunkRepository(repository, options, commits);
        expectComplete(commits, chunks);
        expectComplete(commits, (await chunkAll(commits, options)).chunks);
      }
      expect(commits).toHaveLength(8);
    },
  );
});
