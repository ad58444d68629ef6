import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { runAndJudge } from "./judge.ts";

/** In each language, two functions by name, and a nest of `depth` parentheses. */
const SAMPLES: Record<string, { unit: (name: string) => string; nest: (depth: number) => string }> =
  {
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
      unit: (name) =>
        `function ${name}(a: number) {\n  const b = a + 1;\n  return <p>{b}</p>;\n}\n`,
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
    const { chunks, stats, verdict } = await runAndJudge(repository);
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
});
