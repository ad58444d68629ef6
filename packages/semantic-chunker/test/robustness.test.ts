import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { runAndJudge } from "./judge.ts";
import { SAMPLES } from "./samples.ts";

/** What git leaves of a file whose first unit both sides changed. */
const conflict = (unit: string) =>
  `<<<<<<< HEAD\n${unit.replace("2", "4")}||||||| base\n${unit}=======\n${unit.replace("2", "5")}>>>>>>> topic\n`;
const DEPTH = 100_000;

/** What is wrong with a file of two units, and how it is written. */
const DAMAGES: Record<
  string,
  (before: string, after: string, extension: string) => string | Buffer
> = {
  whole: (before, after) => `${before}\n${after}`,
  cut: (before, after) => `${before}\n${after.slice(0, -after.length / 3)}`,
  conflict: (before, after) => `${before}\n${conflict(before.replace("first", "third"))}\n${after}`,
  crlf: (before, after) => `${before}\n${after}`.replaceAll("\n", "\r\n"),
  cr: (before, after) => `${before}\n${after}`.replaceAll("\n", "\r"),
  open: (before, after) => `${before}\n${after}`.trimEnd(),
  latin: (before, after) => Buffer.from(`${before}\n\xe9\xff\n\n${after}`, "latin1"),
  surrogates: (before, after) =>
    Buffer.concat([Buffer.from(before), Buffer.from([0xed, 0xa0, 0x80, 10]), Buffer.from(after)]),
  // Without NUL bytes, git takes these for text.
  wide: (before, after) =>
    Buffer.from(`\ufeff${widened(before)}\u0a0a${widened(after)}`, "utf16le"),
  wideNoMark: (before, after) =>
    Buffer.from(`${widened(before)}\u0a0a${widened(after)}`, "utf16le"),
  bom: (before, after) => `\ufeff${before}\n${after}`,
  stray: (before, after) => `${before}\n)}]>;"'\`\n\n${after}`,
};

/** Characters of two bytes each for those of one. */
const widened = (text: string) =>
  text.replace(/./gs, (character) => String.fromCharCode(character.charCodeAt(0) | 0x4e00));

/** Units that are named in spite of the damage. */
const SURVIVORS = ["whole", "conflict", "crlf", "open", "latin", "surrogates", "bom"];

/** What grammars of today do not know, or only just. */
const LATER_SYNTAX: [extension: string, text: string][] = [
  ["rs", "gen fn counts() -> u32 {\n    yield 1;\n}\n"],
  ["rs", 'unsafe extern "C" {\n    safe fn f(x: i32);\n}\n'],
  ["rs", "fn g(x: Option<u8>) {\n    if let Some(a) = x && a > 1 {}\n    let _ = do yeet 1;\n}\n"],
  ["rs", "impl const Default for S {\n    fn d() -> impl use<'a> Sized {}\n}\n"],
  [
    "py",
    "type A[T: int = str] = list[T]\n\n\ndef g[**P](x):\n    match x:\n        case {**r}: pass\n    return t'{x!r:>{y}}'\n",
  ],
  ["py", "try:\n    pass\nexcept* A, B:\n    pass\n"],
  [
    "ts",
    "await using a = b() satisfies C;\nfunction g<const T>(@d x: T, accessor y) {}\nimport defer * as z from 'z' with { type: 'json' };\n",
  ],
  ["ts", "const r = #{ a: 1 } |> f(%);\nmodule M { static { throw? x } }\n"],
  [
    "js",
    "const m = match (x) { when { a }: 1; default: 2 };\n@d export class A { accessor #x = 1; }\n",
  ],
  [
    "go",
    "type A[T ~[]E, E any] = B[T]\n\nfunc g() {\n\tfor i := range 10 {\n\t\tx := f()?\n\t}\n}\n",
  ],
  [
    "java",
    'void main() {\n  if (x instanceof R(var a, _) when a > 0) {}\n  String s = STR."\\{x}";\n}\nvalue record P(int x) with { }\n',
  ],
  [
    "c",
    'constexpr auto a = nullptr;\n[[nodiscard]] _BitInt(7) g(typeof_unqual(x) y) { defer free(y); }\nconst char b[] = {\n#embed "x"\n};\n',
  ],
  [
    "cpp",
    "export module a;\nimport std;\ntemplate <auto... V> concept C = requires { ^^V; };\nvoid g(this auto&& self) pre(self) { [:r:] x; contract_assert(y); }\n",
  ],
  ["sh", `g() { echo \${ ls; } \${|x}; }\n`],
];

describe("damaged files", { timeout: 300_000 }, () => {
  it("lose no line and no unit beside the damage", async () => {
    const repository = gitRepository();
    const files: [string, string | Buffer][] = [];
    const changed: [string, string | Buffer][] = [];
    for (const [extension, { unit }] of Object.entries(SAMPLES)) {
      for (const [damage, write] of Object.entries(DAMAGES)) {
        const name = `${damage}.${extension}`;
        files.push([name, write(unit("first"), unit("second"), extension)]);
        const edited = unit("first").replace(/1|Says/, "3");
        changed.push([name, write(edited, unit("second"), extension)]);
      }
    }
    repository.commit("Add", files);
    repository.commit("Change", changed);
    repository.commit(
      "Drop",
      files.map(([name]) => [name, null]),
    );
    const { chunks, stats, verdict } = await runAndJudge(repository, { minChunkTokens: 0 });
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.skipped_files).toEqual({});

    const names = new Set(
      chunks.map(({ file_path, op, qualified_name, section, old_code, new_code }) => {
        const code = `${old_code}${new_code}`;
        const found = ["first", "second"].filter((name) => code.includes(name));
        const name = (qualified_name ?? section ?? "").split(/::| > /).at(-1);
        return found.includes(name ?? "") ? `${file_path} ${op} ${name}` : "";
      }),
    );
    const lost = SURVIVORS.flatMap((damage) =>
      Object.keys(SAMPLES)
        .filter((extension) => extension !== "json") // There, two texts are not one.
        .flatMap((extension) => [
          `${damage}.${extension} added first`,
          `${damage}.${extension} added second`,
          `${damage}.${extension} modified first`,
          `${damage}.${extension} removed second`,
        ])
        .filter((expected) => !names.has(expected)),
    );
    expect(lost).toEqual([]);
  });

  it("lose nothing to the parser of another language", async () => {
    const repository = gitRepository();
    const extensions = Object.keys(SAMPLES);
    const files: Record<string, string>[] = [{}, {}];
    for (const extension of extensions) {
      for (const other of extensions) {
        const { unit } = SAMPLES[other] as (typeof SAMPLES)[string];
        Object.assign(files[0] as object, { [`${other}.${extension}`]: unit("first") });
        const text = unit("first").replace(/1|Says/, "3") + unit("second");
        Object.assign(files[1] as object, { [`${other}.${extension}`]: text });
      }
    }
    repository.commit("Add", files[0]);
    repository.commit("Change", files[1]);
    const { stats, verdict } = await runAndJudge(repository);
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.skipped_files).toEqual({});
  });

  it("lose nothing to 100,000 nested brackets", async () => {
    const repository = gitRepository();
    const files = (value: string) =>
      Object.entries(SAMPLES).map(([extension, { unit, nest }]): [string, string] => [
        `nest.${extension}`,
        `${unit(value)}\n${nest(DEPTH)}`,
      ]);
    repository.commit("Add", files("first"));
    repository.commit("Change", files("second"));
    const options = { includeMinified: true, maxPatchBytes: 8 << 20 };
    const { stats, verdict } = await runAndJudge(repository, options);
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.skipped_files).toEqual({});
    expect(Object.keys(stats.degraded_files)).not.toContain("blob_mismatch");
  });

  it("lose nothing to 12 MB in one string", async () => {
    const repository = gitRepository();
    const long = "x".repeat(12 << 20);
    for (const name of ["first", "second"]) {
      repository.commit(name, {
        "long.rs": `fn ${name}() {}\nconst S: &str = "${long}";\n`,
        "long.json": `{\n"${name}": "${long}"\n}\n`,
      });
    }
    const options = { includeMinified: true, maxPatchBytes: 64 << 20 };
    const { stats, verdict } = await runAndJudge(repository, options);
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.degraded_files).toEqual({ too_long: 2 });
  });

  it("lose no unit to the syntax of a later edition", async () => {
    const repository = gitRepository();
    const files = LATER_SYNTAX.map(([extension, text], number): [string, string] => {
      const { unit } = SAMPLES[extension] as (typeof SAMPLES)[string];
      return [`later${number}.${extension}`, `${unit("first")}\n${text}\n${unit("second")}`];
    });
    repository.commit("Add", files);
    const { chunks, stats, verdict } = await runAndJudge(repository, { minChunkTokens: 0 });
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats).toMatchObject({ skipped_files: {}, degraded_files: {} });
    const found = chunks.map(
      (chunk) => `${chunk.file_path} ${chunk.qualified_name?.split("::").at(-1)}`,
    );
    const expected = files.flatMap(([path]) => [`${path} first`, `${path} second`]);
    expect(expected.filter((name) => !found.includes(name))).toEqual([]);
  });

  it("are cut by hunk, and counted, once a parser has taken too many steps", async () => {
    const repository = gitRepository();
    const strings = (count: number) => `fn before() {}\n${'r#"'.repeat(count)}\n`;
    repository.commit("Add", { "src/open.rs": strings(DEPTH), "src/fine.rs": "fn a() {}\n" });
    repository.commit("Change", {
      "src/open.rs": strings(DEPTH - 1),
      "src/fine.rs": "fn b() {}\n",
    });
    const { chunks, stats, verdict } = await runAndJudge(repository, { includeMinified: true });
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.degraded_files).toEqual({ parse_limit: 2 });
    const kinds = (path: string) => [
      ...new Set(chunks.filter((chunk) => chunk.file_path === path).map((chunk) => chunk.kind)),
    ];
    expect(kinds("src/open.rs")).toEqual(["file", "hunk"]);
    expect(kinds("src/fine.rs")).toEqual(["function"]);
  });
});
