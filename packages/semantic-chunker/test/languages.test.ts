import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { goModuleOf, npmNameOf } from "../src/modules/manifest-names.ts";
import { chunkAll, chunkRepository } from "./collect.ts";
import { scrape } from "./history.ts";
import { unitsOf } from "./units-of.ts";

const LANGUAGES = [
  ...["rust", "python", "typescript", "tsx", "javascript", "go", "java", "c", "cpp", "shell"],
];

describe("every parsed language", () => {
  it.each(LANGUAGES)("%s: nothing, and blank lines", async (language) => {
    expect(await unitsOf(language, "")).toEqual([]);
    expect(await unitsOf(language, "\n \n\t\r\n")).toEqual([]);
  });

  it("has limits", async () => {
    for (const language of LANGUAGES) {
      expect(await unitsOf(language, "x".repeat(3 << 20))).toBe("too_long");
    }
  });

  it.each([
    ["a.py", "class A:\n    x = 1\n", "new_struct", "modified_struct"],
    ["a.ts", "interface A {\n  x: 1;\n}\n", "new_trait", "modified_trait"],
    ["a.cpp", "namespace a {\n}\n", "new_module", undefined],
    ["a.c", "int f(void);\n", "new_function", "modified_function"],
    ["a.go", "type T struct {\n\ta int\n}\n", "new_struct", "modified_struct"],
    ["A.java", "class A {\n  int x;\n}\n", "new_struct", "modified_struct"],
    ["a.js", "it('a', () => {\n  x();\n});\n", "new_test", "modified_test"],
    ["a.sh", "f() {\n  x\n}\n", "new_function", "modified_function"],
  ])("%s: a unit is new, then modified", async (name, text, added, modified) => {
    const repository = gitRepository();
    repository.commit("Add", { [name]: text });
    if (modified) repository.commit("Change", { [name]: text.replace(/(x|a int|void)/, "$1y") });
    const { chunks, counts } = await chunkRepository(repository);
    expect(counts.degraded_files).toEqual({});
    expect(chunks.map((chunk) => chunk.change_type)).toEqual([added, modified].filter(Boolean));
  });
});

describe("modules", () => {
  const body = "def f():\n    return 1\n";
  const script = "export function f() {\n  return 1;\n}\n";
  const files = {
    "src/flask/__init__.py": body,
    "src/flask/json/__init__.py": "",
    "src/flask/json/tag.py": body,
    "src/flask/loose/deep.py": body,
    "src/single.py": body,
    "tests/test_basic.py": body,
    "package.json": '{\n  "name": "root",\n  "author": { "name": "someone" }\n}\n',
    "packages/hub/package.json": '{\n  "name": "@acme/hub"\n}\n',
    "packages/hub/src/index.ts": script,
    "packages/hub/src/lib/commit.ts": script,
    "packages/hub/test/index.js": script,
    "scripts/build.mjs": script,
    "go/go.mod": "module example.com/store // v1\n\ngo 1.20\n",
    "go/main.go": "package main\n\nfunc f() {}\n",
    "go/doc/md.go": "package doc\n\ntype T int\n",
    "go/doc/md_method.go": "package doc\n\nfunc (t *T) f() {}\n",
    "java/A.java": "package com.acme;\n\nclass A {\n  void f() {\n  }\n}\n",
    "cc/a.cc": "namespace n {\nint f() { return 1; }\n}\n",
    "run.sh": "f() {\n  x\n}\n",
  };
  const expected = [
    "n::f",
    "example.com/store::doc::T::f",
    "example.com/store::f",
    "com::acme::A::f",
    "@acme/hub::f",
    "@acme/hub::lib::commit::f",
    "@acme/hub::test::f",
    "f",
    "root::scripts::build::f",
    "flask::f",
    "flask::json::tag::f",
    "flask::loose::deep::f",
    "single::f",
    "tests::test_basic::f",
  ];

  it("are called as in each language, in a repository", async () => {
    const repository = gitRepository();
    repository.commit("Add", files);
    const commits = scrape(repository);
    const names = async (run: ReturnType<typeof chunkAll>) =>
      (await run).chunks
        .filter((chunk) => chunk.function_name === "f")
        .map((chunk) => chunk.qualified_name);
    // `loose` is no package, but lies in one folder with others below `src`.
    const found = await names(chunkRepository(repository, {}, commits));
    expect(found).toEqual(expected);
    expect(await names(chunkAll(commits))).toEqual(expected);
  });

  it.each([
    ['{"name": "a", "x": {"name": "b"}}', "a"],
    ['{\n  "author": {\n    "name": "b"\n  },\n  "name": "a"\n}', "a"],
    ['{\n  "private": true\n}', undefined],
  ])("are named by %j", (manifest, name) => {
    expect(npmNameOf(manifest)).toBe(name);
  });

  it.each([
    ["// x\nmodule github.com/spf13/cobra\n", "github.com/spf13/cobra"],
    ['module "quoted.org/m"\n', "quoted.org/m"],
    ["go 1.20\n", undefined],
  ])("are named by %j", (manifest, name) => {
    expect(goModuleOf(manifest)).toBe(name);
  });
});
