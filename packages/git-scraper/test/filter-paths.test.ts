import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { compilePathFilter, type PathFilterOptions } from "../src/filter/path-filter.ts";

/** Names as latin1 text of their bytes, among them some that are not UTF-8, or hostile. */
const NAMES = [
  ...["README.md", "Cargo.toml", "src/main.rs", "src/lib/mod.rs", "src/lib/deep/x.rs", "srcs/a.rs"],
  ...[
    "crates/one/src/lib.rs",
    "crates/one/tests/t.rs",
    "crates/two/deep/src/x.rs",
    "docs/src/a.md",
  ],
  ...["a.RS", "rs", ".rs", "dir.rs/file", "caf\xc3\xa9/menu.txt", "caf\xe9/menu.txt", "a,b/c"],
  ...["new\nline/a.rs", "tab\t.rs", "--output=pwned", "[id]/page.ts", "back\\slash.rs", "-.rs"],
  ...[" lead", "src/!bang", "vendor/lib/src/v.rs", "d/e", "z/d/e/f.toml", "a-b.c", "]x", "^x", "5"],
];

const PATTERNS = [
  ...[
    "src",
    "src/",
    "/src",
    "src/**",
    "src/*",
    "/src/lib/",
    "**/src",
    "**/src/**",
    "*.rs",
    "/*.rs",
  ],
  ...[
    "crates/*/src",
    "crates/**/src",
    "crates/**",
    "crates/**/x.rs",
    "crates/*/src/",
    "docs/src/a.md",
  ],
  ...["README.md", "readme.md", "d/e", "*/d/e", "d*", "?", "??", "*", "**", "/*", "*/*", "a\\,b"],
  ...["caf\u00e9/**", "caf\u00e9", "caf?", "caf??", "caf[\u00e9]", "[[]id]", "\\[id\\]", "[!a-z]*"],
  ...["[]]x", "[]-^]x", "[^^]x", "[[:digit:]]", "[[:upper:]]*", "*[[:space:]]*", "[[:punct:]]*"],
  ...[
    "[z-a]x",
    "a[--/]b.c",
    "a[!-]b.c",
    "[a\\-z].c",
    "back\\\\slash.rs",
    "src/\\!bang",
    "s**c/main.rs",
  ],
  ...["src/***/x.rs", "***", "**/lib/**/*.rs", "src/[^a]*", "src[/]main.rs", "src?main.rs", "lib/"],
  ...["tab?.rs", "new*", "--output=*", "[[:alpha:][:digit:]]", "[a-c-e]*", "{src,docs}", "(src)"],
];

const kept = (options: PathFilterOptions, names: readonly string[] = NAMES) => {
  const isKept = compilePathFilter(options);
  return names.filter((name) => isKept?.(Buffer.from(name, "latin1"), undefined) ?? true);
};

test("a pattern matches what it does in a .gitignore", () => {
  const repository = gitRepository();
  const input = Buffer.from([...NAMES, "sentinel"].map((name) => `${name}\0`).join(""), "latin1");
  let matches = 0;
  for (const pattern of PATTERNS) {
    // Without a match git's status would be 1.
    writeFileSync(join(repository.gitDir, "info", "exclude"), `${pattern}\n/sentinel\n`);
    const found = repository.gitBytes(["check-ignore", "--no-index", "--stdin", "-z"], input);
    const expected = found.toString("latin1").split("\0").slice(0, -1);
    const ours = kept({ paths: pattern });
    expect(ours, pattern).toEqual(expected.filter((name) => name !== "sentinel"));
    matches += ours.length;
  }
  expect(matches).toBeGreaterThan(300);
});

test("exclusions hold in whatever order, and alone leave the rest", () => {
  const expected = ["src/main.rs", "src/!bang"];
  expect(kept({ paths: "/src,!lib" })).toEqual(expected);
  expect(kept({ paths: " !lib , /src " })).toEqual(expected);
  expect(kept({ paths: "./src,!./src/lib/" })).toEqual(expected);
  expect(kept({ paths: "!*" })).toEqual([]);
  expect(kept({ paths: "!*s*" })).toEqual(NAMES.filter((name) => !name.includes("s")));
});

test("extensions have a dot or not, and any case", () => {
  const rust = NAMES.filter((name) => /\.rs$/i.test(name));
  expect(rust).toContain("a.RS");
  for (const extensions of ["rs", ".rs", "*.rs", "RS", " rs,,.Rs "]) {
    expect(kept({ extensions })).toEqual(rust);
  }
  expect(kept({ extensions: "toml,md" })).toEqual(
    NAMES.filter((name) => /\.(toml|md)$/.test(name)),
  );
  const names = ["x.tar.gz", "x.gz", "xtargz", "x.TAR.gz", "x.c++", "x.\xc3\xa9", "x.\xe3\xa9"];
  expect(kept({ extensions: "tar.gz" }, names)).toEqual(["x.tar.gz", "x.TAR.gz"]);
  expect(kept({ extensions: "c++" }, names)).toEqual(["x.c++"]);
  expect(kept({ extensions: "\u00e9" }, names)).toEqual(["x.\xc3\xa9"]);
});

test("paths and extensions must both match, one name of a rename both", () => {
  const isKept = compilePathFilter({ paths: "src,!gone", extensions: "rs" });
  const test = (path: string, oldPath?: string) =>
    isKept?.(Buffer.from(path), oldPath === undefined ? undefined : Buffer.from(oldPath));
  expect(test("src/a.rs")).toBe(true);
  expect(test("src/a.md")).toBe(false);
  expect(test("lib/a.rs")).toBe(false);
  expect(test("lib/a.md", "src/a.rs")).toBe(true);
  expect(test("src/a.rs", "lib/a.md")).toBe(true);
  expect(test("src/a.md", "lib/a.rs")).toBe(false);
  expect(test("src/gone/a.rs", "src/b.rs")).toBe(true);
  expect(test("src/gone/a.rs", "gone/b.rs")).toBe(false);
});

test("without a pattern there is no filter", () => {
  expect(compilePathFilter({})).toBeUndefined();
  expect(compilePathFilter({ paths: " , ", extensions: "" })).toBeUndefined();
});

test.each([
  [{ paths: "src,/" }, '"/" names no file'],
  [{ paths: "!" }, '"" names no file'],
  [{ paths: "a[b" }, '"a[b" has a [ without its ]'],
  [{ paths: "a\\" }, "ends with a backslash"],
  [{ paths: "[[:word:]]" }, "unknown class [:word:]"],
  [{ extensions: "rs,src/*" }, '"src/*" is no file extension'],
  [{ extensions: "." }, '"." is no file extension'],
])("%j is refused", (options, reason) => {
  expect(() => compilePathFilter(options)).toThrow(
    expect.objectContaining({
      code: "E_USAGE",
      message: expect.stringContaining(reason),
      hint: expect.stringMatching(/./),
    }),
  );
});

test.each([
  ["*a*a*a*a*a*c", "a".repeat(4000)],
  ["**/a/**/a/**/a/**/a/**/c", "a/".repeat(2000)],
  ["**/*a*a*b/**/*a*a*c", "aaaa/".repeat(800)],
  ["[a]*[a]*[a]*[a]*/c", "a".repeat(4000)],
])("%s is not held up by a name made for it", (paths, name) => {
  const started = performance.now();
  expect(kept({ paths }, [name])).toEqual([]);
  expect(performance.now() - started).toBeLessThan(5000);
});
