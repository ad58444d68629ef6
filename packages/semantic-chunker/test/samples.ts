/** In each language, a unit by its name, and a nest of `depth` brackets. */
export const SAMPLES: Record<
  string,
  { unit: (name: string) => string; nest: (depth: number) => string }
> = {
  rs: {
    unit: (name) => `/// Says.\nfn ${name}(a: u32) -> u32 {\n    let b = a + 1;\n    b * 2\n}\n`,
    nest: (depth) => `const N: u32 = ${"(".repeat(depth)}1${")".repeat(depth)};\n`,
  },
  py: {
    unit: (name) => `def ${name}(a):\n    """Says."""\n    b = a + 1\n    return b * 2\n`,
    nest: (depth) => `n = ${"(".repeat(depth)}1${")".repeat(depth)}\n`,
  },
  ts: {
    unit: (name) =>
      `/** Says. */\nfunction ${name}(a: number): number {\n  const b = a + 1;\n  return b * 2;\n}\n`,
    nest: (depth) => `const n = ${"(".repeat(depth)}1${")".repeat(depth)};\n`,
  },
  tsx: {
    unit: (name) => `function ${name}(a: number) {\n  const b = a + 1;\n  return <p>{b}</p>;\n}\n`,
    nest: (depth) => `const n = ${"(".repeat(depth)}1${")".repeat(depth)};\n`,
  },
  js: {
    unit: (name) => `function ${name}(a) {\n  const b = a + 1;\n  return b * 2;\n}\n`,
    nest: (depth) => `const n = ${"(".repeat(depth)}1${")".repeat(depth)};\n`,
  },
  go: {
    unit: (name) =>
      `// ${name} says.\nfunc ${name}(a int) int {\n\tb := a + 1\n\treturn b * 2\n}\n`,
    nest: (depth) => `var n = ${"(".repeat(depth)}1${")".repeat(depth)}\n`,
  },
  java: {
    unit: (name) => `class ${name} {\n  int b = 1;\n  int c = 2;\n}\n`,
    nest: (depth) => `class N { int n = ${"(".repeat(depth)}1${")".repeat(depth)}; }\n`,
  },
  c: {
    unit: (name) => `int ${name}(int a)\n{\n\tint b = a + 1;\n\treturn b * 2;\n}\n`,
    nest: (depth) => `int n = ${"(".repeat(depth)}1${")".repeat(depth)};\n`,
  },
  cpp: {
    unit: (name) => `int ${name}(int a) {\n  auto b = a + 1;\n  return b * 2;\n}\n`,
    nest: (depth) => `int n = ${"(".repeat(depth)}1${")".repeat(depth)};\n`,
  },
  sh: {
    unit: (name) => `${name}() {\n  b=$1\n  echo "$b"\n}\n`,
    nest: (depth) => `n=$((${"(".repeat(depth)}1${")".repeat(depth)}))\n`,
  },
  toml: {
    unit: (name) => `[${name}]\nb = 1\nc = 2\n`,
    nest: (depth) => `n = ${"[".repeat(depth)}1${"]".repeat(depth)}\n`,
  },
  yaml: {
    unit: (name) => `${name}:\n  b: 1\n  c: 2\n`,
    nest: (depth) => `n: ${"[".repeat(depth)}1${"]".repeat(depth)}\n`,
  },
  json: {
    unit: (name) => `{\n  "${name}": {\n    "b": 1,\n    "c": 2\n  }\n}\n`,
    nest: (depth) => `{"n": ${"[".repeat(depth)}1${"]".repeat(depth)}}\n`,
  },
  md: {
    unit: (name) => `# ${name}\n\nSays.\n`,
    nest: (depth) => `${"(".repeat(depth)}1${")".repeat(depth)}\n`,
  },
};

/** Real-looking sources in Python, TypeScript, Go, Java, C++ and shell, to be cut short and given to the wrong parser. */
export const SOURCES = [
  '"""Docs."""\nimport os\n\n\nclass A(B):\n    """Says."""\n\n    @x\n    def f(self):\n        if a:\n            return """s\n  t"""\n',
  'import a from "b";\n\n/** Doc. */\nexport class A {\n  @x() f(): void {\n    return `a`;\n  }\n}\ndescribe("x", () => {\n  it("y", () => {});\n});\n',
  "package a\n\n// T is.\ntype (\n\tT struct {\n\t\ta int\n\t}\n)\n\nfunc (t *T) F() {\n\t_ = `raw\n`\n}\n",
  "package a.b;\n\n/** Doc. */\n@X(y = {1})\nclass A<T> {\n  @Test\n  void f() { }\n  enum E { A; void g() {} }\n}\n",
  '#ifndef A\n#define A(x) \\\n  x\nnamespace a::b {\ntemplate <class T>\nstruct S {\n  int f() { return R"(x)"; }\n};\n}\n#endif\n',
  "#!/bin/sh\nf () {\n\tcat <<EOF\nx $(y `z`)\nEOF\n}\ntest_expect_success 'a' '\n\tb\n'\ncase $x in\na) ;;\nesac\n",
];
