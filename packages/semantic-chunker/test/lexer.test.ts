import { describe, expect, it } from "vitest";
import { lexisOf } from "../src/files/file-language.ts";
import { lex } from "../src/match/lexer.ts";
import { bagOf, dice, diceBound, sketchOf } from "../src/match/similarity.ts";

describe("tokens", () => {
  it.each([
    ["let x = y;", ["let", "x", "=", "y", ";"]],
    ['"a \\" b" c', ['"a \\" b"', "c"]],
    ['r#"a " b"# br"x" r', ['r#"a " b"#', 'br"x"', "r"]],
    [
      "'a' '\\'' '\\u{1F600}' '\u{1F600}' &'static",
      ["'a'", "'\\''", "'\\u{1F600}'", "'\u{1F600}'", "&", "'static"],
    ],
    ["f(\n  a,\n  b,\n)", ["f", "(", "a", ",", "b", ")"]],
    ["f(a,)", ["f", "(", "a", ",", ")"]],
    ["a // no\nb /* /* c */ */ d", ["a", "b", "d"]],
    ["/// says", []],
  ])("of Rust: %s", (text, code) => {
    expect(lex(text, lexisOf("rust")).code).toEqual(code);
  });

  it("of comments are apart, and without their signs", () => {
    expect(lex("/// It  says\n/* so */", lexisOf("rust")).comments).toEqual(["It", "says", "so"]);
    expect(lex("a = 1 # so", lexisOf("toml"))).toEqual({ code: ["a", "=", "1"], comments: ["so"] });
  });

  it("are lines where white space means something", () => {
    const code = ["\n", "if", "a", ":", "\n    ", "b_1", "(", ")"];
    expect(lex("if a:  \n\n    b_1( )\n", lexisOf("python")).code).toEqual(code);
  });

  it("of docstrings and of lines with nothing but a comment are apart", () => {
    const python = (...lines: string[]) => lex(lines.join("\n"), lexisOf("python"));
    const documented = python(
      "@x",
      "def f(a):",
      '    r"""Says',
      "    # so",
      '    """',
      "  # why",
      "  b",
    );
    expect(documented.comments).toEqual(['r"""Says', "# so", '"""', "# why"]);
    expect(documented.code).toEqual(python("@x", "def f(a):", "  b").code);
    expect(python('"""Module."""', "a = 1").code).toEqual(python("a = 1").code);
    const text = ["def f():", '  q = """', "# none", '  """', "  return g(", "  '''s'''", "  )"];
    expect(python(...text).comments).toEqual([]);
    expect(python('x = \'"""\'  # """', "# so").comments).toEqual(["# so"]);
    expect(lex("# Title\ntext", lexisOf("markdown")).comments).toEqual([]);
    expect(lex("a: 1\n# why\n", lexisOf("yaml")).comments).toEqual(["# why"]);
  });

  it("of lines take time in proportion to them", () => {
    const began = performance.now();
    lex("'\"".repeat(500_000), lexisOf("python"));
    lex('"""'.repeat(300_000), lexisOf("python"));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe("similarity", () => {
  const tokens = (text: string) => bagOf(text.split(" "));
  it("is 1 for equals, 0 for strangers, symmetric and below its bound", () => {
    const texts = ["a b c d e", "a b c d f", "x y z", "a b a b a b", "e d c b a"].map(tokens);
    for (const a of texts) {
      expect(dice(a, a)).toBe(1);
      for (const b of texts) {
        expect(dice(a, b)).toBe(dice(b, a));
        expect(dice(a, b)).toBeLessThanOrEqual(diceBound(a, b));
      }
    }
    expect(dice(tokens("a b"), tokens("c d"))).toBe(0);
  });

  it("shows in sketches", () => {
    const long = Array.from({ length: 200 }, (_, index) => `t${(index * 7919) % 61}`);
    const changed = long.map((token, index) => (index === 100 ? "other" : token));
    const [a, b] = [sketchOf(bagOf(long)), sketchOf(bagOf(changed))];
    expect(a.filter((value, index) => value === b[index]).length).toBeGreaterThan(3);
    const other = sketchOf(bagOf(long.map((token) => `${token}x`)));
    expect(a.filter((value, index) => value === other[index])).toEqual([]);
  });
});
