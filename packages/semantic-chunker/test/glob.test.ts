import { describe, expect, it } from "vitest";
import { matchesPattern } from "../src/files/glob.ts";
import { LinguistAttributes } from "../src/files/linguist-attributes.ts";

describe("patterns of .gitattributes", () => {
  it.each([
    ["*.rs", "src/a.rs", true],
    ["*.rs", "src/a.rs.txt", false],
    ["a?c", "x/abc", true],
    ["a?c", "x/ac", false],
    ["*a*b*", "xxaxxbxx", true],
    ["*a*b", "xxaxxbxx", false],
    ["**", "a/b", true],
    ["gen/**", "gen/a/b.rs", true],
    ["gen/**", "gen", false],
    ["gen/*", "gen/a/b.rs", false],
    ["/gen/*", "gen/b.rs", true],
    ["gen/*", "x/gen/b.rs", false],
    ["**/gen/*", "x/y/gen/b.rs", true],
    ["**/gen/*", "gen/b.rs", true],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a/**/z", "a/b/c/y", false],
    ["*", "*", true],
    ["*a", "*ba", true],
  ])("%s and %s: %s", (pattern, path, expected) => {
    expect(matchesPattern(pattern, path)).toBe(expected);
  });

  it("do not take exponential time", () => {
    expect(matchesPattern("*a".repeat(200), `${"a".repeat(4000)}b`)).toBe(false);
    expect(matchesPattern("**/".repeat(200), `${"a/".repeat(2000)}b`)).toBe(false);
  });
});

it("a hostile .gitattributes takes bounded time for a file", () => {
  const lines = Array.from(
    { length: 100_000 },
    (_, line) => `${"*a".repeat(100)}${line} linguist-generated`,
  );
  const attributes = new LinguistAttributes(`*.rs linguist-vendored\n${lines.join("\n")}\n`);
  const started = process.cpuUsage();
  expect(attributes.marksOf(`${"a".repeat(4000)}.rs`)).toEqual({ isVendored: true });
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(2);
});
