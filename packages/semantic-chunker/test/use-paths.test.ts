import { describe, expect, it } from "vitest";
import { usePaths } from "../src/links/use-paths.ts";

/** A tree of names as Rust writes it, and the paths to its leaves. */
function randomTree(random: () => number, depth: number): { text: string; paths: string[][] } {
  const count = 1 + Math.floor(random() * 3);
  const branches = Array.from({ length: count }, () => {
    const name = `n${Math.floor(random() * 1000)}`;
    if (depth === 0 || random() < 0.4) return { text: name, paths: [[name]] };
    const inner = randomTree(random, depth - 1);
    const isAlias = random() < 0.2;
    return isAlias
      ? { text: `${name} as other`, paths: [[name]] }
      : { text: `${name}::${inner.text}`, paths: inner.paths.map((path) => [name, ...path]) };
  });
  const [only] = branches;
  if (only && count === 1) return only;
  const comma = random() < 0.5 ? "," : "";
  const text = `{\n    ${branches.map((branch) => branch.text).join(",\n    ")}${comma}\n}`;
  return { text, paths: branches.flatMap((branch) => branch.paths) };
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe("paths that are used", () => {
  it.each([
    ["use a::b;", ["a::b"]],
    ["pub(crate) use ::a::{self, b as c, d::*};", ["a", "a::b", "a::d"]],
    ["use r#type::x;\nextern crate foo as bar;", ["type::x", "foo"]],
    ["use super::super::{x}; // use no::comment;\n", ["super::super::x"]],
    ["use {a, b::{c, d},};", ["a", "b::c", "b::d"]],
    ["use a::{};", ["a"]],
    ["fn used() {}", []],
  ])("by %j", (text, paths) => {
    expect(usePaths(text).map((path) => path.join("::"))).toEqual(paths);
  });

  it("lead to the leaves of any tree", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const { text, paths } = randomTree(randomOf(seed), 4);
      expect(usePaths(`use ${text};`), text).toEqual(paths);
    }
  });

  it("are read in bounded time from what only looks like a tree", () => {
    const texts = ["use {".repeat(10_000), "use a::".repeat(9000), "use ".repeat(16_000)];
    for (const text of [...texts, `use ${"{a,".repeat(3000)};`, `use ${"a::{".repeat(2000)}b;`]) {
      expect(usePaths(text).length).toBeLessThanOrEqual(1024);
    }
  });
});
