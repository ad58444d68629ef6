import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { chunkAll, chunkRepository } from "./collect.ts";
import { scrape } from "./history.ts";

type Links = Record<string, { imports: string[]; imported_by: string[] }>;

/** Links of the files of a repository's last commit, by path. */
async function lastLinks(repository: TestRepository): Promise<Links> {
  const { chunks, commits } = await chunkRepository(repository);
  const hash = commits.at(-1)?.metadata.hash;
  return Object.fromEntries(
    chunks
      .filter((chunk) => chunk.commit_hash === hash && chunk.linked_files)
      .map((chunk) => [chunk.file_path, chunk.linked_files ?? { imports: [], imported_by: [] }]),
  );
}

/** Imports of each file of a repository with one commit, which must be told of the other end, too. */
async function importsIn(files: Record<string, string>): Promise<Record<string, string[]>> {
  const repository = gitRepository();
  repository.commit("Add", files);
  const links = await lastLinks(repository);
  for (const [path, { imports, imported_by }] of Object.entries(links)) {
    for (const other of imports) expect(links[other]?.imported_by).toContain(path);
    for (const other of imported_by) expect(links[other]?.imports).toContain(path);
  }
  const named = Object.entries(links).filter(([, { imports }]) => imports.length > 0);
  return Object.fromEntries(named.map(([path, { imports }]) => [path, imports]));
}

describe("links", () => {
  it("of Rust follow modules, also into other crates and targets", async () => {
    const imports = await importsIn({
      "Cargo.toml":
        '[package]\nname = "my-node"\nedition = "2021"\n[workspace]\nmembers = ["net"]\n',
      "src/lib.rs": "pub mod a;\npub mod b;\npub struct Top;\n",
      "src/a/mod.rs": [
        "mod deep;",
        "use self::deep::Thing;",
        "use crate::{b::{f, inner::g as h}, Top};",
        "use net::wire::Frame;",
        "use std::fmt;",
        "use serde::Serialize;",
        "mod tests {\n    use super::*;\n    use super::super::b::T;\n}",
      ].join("\n"),
      "src/a/deep.rs": "use super::super::b::*;\nuse super::X;\n",
      "src/b.rs": "pub fn f() {}\npub mod inner { pub fn g() {} }\n",
      "src/main.rs": "use my_node::a::{self, deep};\n",
      "src/bin/tool.rs": "use my_node::b;\nfn main() {}\n",
      "tests/sync.rs": "mod common;\nuse crate::common::start;\nuse my_node::b::f;\n",
      "tests/common/mod.rs": "pub fn start() {}\n",
      "net/Cargo.toml": '[package]\nname = "net"\n',
      "net/src/lib.rs": "pub mod wire;\n",
      "net/src/wire.rs": "extern crate my_node;\n",
    });
    expect(imports).toEqual({
      "src/lib.rs": ["src/a/mod.rs", "src/b.rs"],
      "src/a/mod.rs": ["net/src/wire.rs", "src/a/deep.rs", "src/b.rs", "src/lib.rs"],
      "src/a/deep.rs": ["src/a/mod.rs", "src/b.rs"],
      "src/main.rs": ["src/a/deep.rs", "src/a/mod.rs"],
      "src/bin/tool.rs": ["src/b.rs"],
      "tests/sync.rs": ["src/b.rs", "tests/common/mod.rs"],
      "net/src/lib.rs": ["net/src/wire.rs"],
      "net/src/wire.rs": ["src/lib.rs"],
    });
  });

  it("of Python are absolute or relative", async () => {
    const imports = await importsIn({
      "src/shop/__init__.py": "from .cart import Cart as Cart\nfrom . import prices\n",
      "src/shop/cart.py": "import os\nimport shop.prices as p, shop.stock.shelf\n",
      "src/shop/prices.py": "RATE = 1\n",
      "src/shop/stock/__init__.py": "from ..prices import (  # all\n    RATE,\n)\n",
      "src/shop/stock/shelf.py": "from .. import \\\n    cart\nfrom shop import *\n",
      "tests/helper.py": "x = 1\n",
      "tests/test_cart.py": "from shop.cart import Cart\nimport helper\n",
    });
    expect(imports).toEqual({
      "src/shop/__init__.py": ["src/shop/cart.py", "src/shop/prices.py"],
      "src/shop/cart.py": ["src/shop/prices.py", "src/shop/stock/shelf.py"],
      "src/shop/stock/__init__.py": ["src/shop/prices.py"],
      "src/shop/stock/shelf.py": ["src/shop/__init__.py", "src/shop/cart.py"],
      "tests/test_cart.py": ["src/shop/cart.py", "tests/helper.py"],
    });
  });

  it("of JavaScript and TypeScript are relative paths and packages of the repository", async () => {
    const imports = await importsIn({
      "packages/a/package.json": '{ "name": "@x/a" }\n',
      "packages/a/src/index.ts": 'export * from "./lib";\nexport { b } from "./b.js";\n',
      "packages/a/src/lib/index.ts": 'import type { T } from "../types";\nimport "./style.css";\n',
      "packages/a/src/b.ts": "export const b = 1;\n",
      "packages/a/src/types.d.ts": "export type T = 1;\n",
      "packages/b/package.json": '{ "name": "b" }\n',
      "packages/b/view.tsx": 'import {\n  b,\n} from "@x/a";\nimport x from "@x/a/src/lib";\n',
      "packages/b/old.cjs": "const { view } = require('./view');\nconst fs = require('fs');\n",
    });
    expect(imports).toEqual({
      "packages/a/src/index.ts": ["packages/a/src/b.ts", "packages/a/src/lib/index.ts"],
      "packages/a/src/lib/index.ts": ["packages/a/src/types.d.ts"],
      "packages/b/view.tsx": ["packages/a/src/index.ts", "packages/a/src/lib/index.ts"],
      "packages/b/old.cjs": ["packages/b/view.tsx"],
    });
  });

  it("of Go mean the files of a package, but no tests", async () => {
    const imports = await importsIn({
      "go.mod": "module example.com/m\n",
      "main.go": 'package main\n\nimport (\n\t"fmt"\n\td "example.com/m/doc"\n)\n\nvar _ = d.X\n',
      "doc/one.go": "package doc\n\nvar X = 1\n",
      "doc/two.go": "package doc\n\nvar Y = 1\n",
      "doc/two_test.go": 'package doc\n\nimport "testing"\n',
    });
    expect(imports).toEqual({ "main.go": ["doc/one.go", "doc/two.go"] });
  });

  it("of Java go by packages and classes", async () => {
    const imports = await importsIn({
      "core/src/com/x/A.java": "package com.x;\n\npublic class A {\n  static int one;\n}\n",
      "core/src/com/x/B.java": "package com.x;\n\nclass B {}\n",
      "app/com/y/C.java": [
        "package com.y;\n",
        "import static com.x.A.one;\nimport com.x.B.Inner;\nimport java.util.List;\n",
        "class C {}\n",
      ].join("\n"),
      "app/com/y/D.java": "package com.y;\n\nimport com.x.*;\n\nclass D {}\n",
    });
    const both = ["core/src/com/x/A.java", "core/src/com/x/B.java"];
    expect(imports).toEqual({ "app/com/y/C.java": both, "app/com/y/D.java": both });
  });

  it("of C and C++ are quoted includes, beside the file or where a path ends so", async () => {
    const imports = await importsIn({
      "include/fmt/core.h": '#include "base.h"\n#include <vector>\n',
      "include/fmt/base.h": "int base();\n",
      "src/base.h": "int other();\n",
      "src/os.cc": '#include "fmt/core.h"\n#  include "base.h"\nint x() { return 1; }\n',
      "src/deep/a.c": '#include "../base.h"\nint y() { return 1; }\n',
    });
    expect(imports).toEqual({
      "include/fmt/core.h": ["include/fmt/base.h"],
      "src/os.cc": ["include/fmt/core.h", "src/base.h"],
      "src/deep/a.c": ["src/base.h"],
    });
  });

  it("are those of the commit: to files that did not change, and none to files that are gone", async () => {
    const repository = gitRepository();
    const text = (...names: string[]) =>
      [...names.map((name) => `import "./${name}";`), `export const x = ${names.length};\n`].join(
        "\n",
      );
    repository.commit("Add", {
      "a.ts": text("b", "c"),
      "b.ts": text(),
      "c.ts": text("b"),
      "d.ts": text(),
    });
    repository.commit("Change one", { "b.ts": `${text()}// more\n` });
    expect(await lastLinks(repository)).toEqual({
      "b.ts": { imports: [], imported_by: ["a.ts", "c.ts"] },
    });
    repository.commit("Import another", { "c.ts": text("d") });
    repository.commit("Remove", { "b.ts": null });
    expect(await lastLinks(repository)).toEqual({ "b.ts": { imports: [], imported_by: ["a.ts"] } });
    repository.commit("Change the importer", { "a.ts": `${text("b", "c")}// more\n` });
    expect(await lastLinks(repository)).toEqual({ "a.ts": { imports: ["c.ts"], imported_by: [] } });
    repository.commit("Rename", { "c.ts": null, "e.ts": text("d") });
    expect(await lastLinks(repository)).toEqual({});
    repository.commit("Say so", { "e.ts": `${text("d")}// more\n` });
    expect(await lastLinks(repository)).toEqual({ "e.ts": { imports: ["d.ts"], imported_by: [] } });
  });

  it("leave out files of other branches", async () => {
    const repository = gitRepository();
    repository.commit("Add", { "a.ts": 'import "./b";\nimport "./c";\n', "b.ts": "let b = 1;\n" });
    repository.git("checkout", "-q", "-b", "side");
    repository.commit("Add on a branch", { "c.ts": "let c = 1;\n" });
    repository.git("checkout", "-q", "-");
    repository.commit("Change", { "a.ts": 'import "./b";\nimport "./c";\nlet a = 1;\n' });
    const commits = scrape(repository);
    const isLast = (hash: string) => hash === repository.git("rev-parse", "HEAD").trim();
    const { chunks } = await chunkRepository(repository, {}, commits);
    const last = chunks.filter((chunk) => isLast(chunk.commit_hash));
    expect(last.map((chunk) => chunk.linked_files)).toEqual([
      { imports: ["b.ts"], imported_by: [] },
    ]);
    // Without trees nobody knows.
    const { chunks: blind } = await chunkAll(commits);
    expect(blind.filter((chunk) => isLast(chunk.commit_hash))[0]?.linked_files).toEqual({
      imports: ["b.ts", "c.ts"],
      imported_by: [],
    });
  });

  it("are the nearest, of many", async () => {
    const files: Record<string, string> = { "lib/x.h": "int x();\n" };
    for (let number = 10; number < 30; number += 1) {
      const folder = number % 3 === 0 ? "lib" : `app${number}`;
      files[`${folder}/f${number}.c`] = `#include "x.h"\nint f${number};\n`;
    }
    const repository = gitRepository();
    repository.commit("Add", files);
    const links = await lastLinks(repository);
    const near = [12, 15, 18, 21, 24, 27].map((number) => `lib/f${number}.c`);
    expect(links["lib/x.h"]?.imported_by).toEqual(["app10/f10.c", "app11/f11.c", ...near]);
  });
});
