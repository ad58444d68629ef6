import { unitsOfChunk } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { readCargoManifest } from "../src/modules/cargo-manifest.ts";
import { guessModulePath } from "../src/modules/guess-module-path.ts";
import { chunkAll, chunkRepository } from "./collect.ts";
import { scrape } from "./history.ts";

/** Modules of the files of a repository with one commit; each file is given one function. */
async function modulesIn(files: Record<string, string>): Promise<Record<string, string | null>> {
  const repository = gitRepository();
  const marked = Object.entries(files).map(([path, text]) =>
    path.endsWith(".rs") ? [path, `${text}\nfn marker() {}\n`] : [path, text],
  );
  repository.commit("Add", Object.fromEntries(marked));
  const { chunks } = await chunkRepository(repository);
  const markers = chunks.filter((chunk) => chunk.function_name === "marker");
  return Object.fromEntries(markers.map((chunk) => [chunk.file_path, chunk.module_path]));
}

describe("crates", () => {
  it.each([
    ['[package]\nname = "the-block"\n', "the_block"],
    ["[package]\nname = 'a' # b\n[[bin]]\nname = \"c\"\n", "a"],
    ['[package]\nname = "a"\n[lib]\nname = "b"\n', "b"],
    ['[project]\nname = "a"\n[[lib]]\nname = "b"\n', "b"],
    ['package.name = "a"\nlib = { name = "b" }\n', "b"],
    ['[package]\nname = "a"\ndescription = """\nname = "x"\n"""\n', "a"],
    ['[workspace]\nmembers = ["a"]\n[dependencies]\nname = "x"\n', undefined],
  ])("are named by %j", (manifest, name) => {
    expect(readCargoManifest(manifest)?.name).toBe(name);
  });

  it.each([
    ["src/lib.rs", "crate"],
    ["src/a/mod.rs", "crate::a"],
    ["crates/my-net/src/a/b.rs", "my_net::a::b"],
  ])("without a manifest hold %s as a module", (path, expected) => {
    expect(guessModulePath(path).join("::")).toBe(expected);
  });

  it("hold what Cargo discovers", async () => {
    const found = await modulesIn({
      "Cargo.toml": '[package]\nname = "my-net"\nedition = "2021"\n[[bin]]\nname = "other"\n',
      "build.rs": "",
      "src/lib.rs": "mod a;",
      "src/main.rs": "",
      "src/a.rs": "mod b;",
      "src/a/b.rs": "",
      "src/c/mod.rs": "",
      "src/bin/my-tool.rs": "",
      "src/bin/other/main.rs": "mod args;",
      "src/bin/other/args.rs": "",
      "tests/sync.rs": "mod common;",
      "tests/common/mod.rs": "",
      "tests/suite/main.rs": "",
      "tests/suite/one.rs": "",
      "benches/speed-test.rs": "",
      "examples/first.rs": "",
    });
    expect(found).toEqual({
      "build.rs": "my_net::build",
      "src/lib.rs": "my_net",
      "src/main.rs": "my_net",
      "src/a.rs": "my_net::a",
      "src/a/b.rs": "my_net::a::b",
      "src/c/mod.rs": "my_net::c",
      "src/bin/my-tool.rs": "my_net::bin::my_tool",
      "src/bin/other/main.rs": "my_net::bin::other",
      "src/bin/other/args.rs": "my_net::bin::other::args",
      "tests/sync.rs": "my_net::tests::sync",
      "tests/common/mod.rs": "my_net::tests::common",
      "tests/suite/main.rs": "my_net::tests::suite",
      "tests/suite/one.rs": "my_net::tests::suite::one",
      "benches/speed-test.rs": "my_net::benches::speed_test",
      "examples/first.rs": "my_net::examples::first",
    });
  });

  it("have their roots where the manifest says", async () => {
    const found = await modulesIn({
      "Cargo.toml": [
        '[package]\nname = "grep"\nautotests = false\nedition.workspace = true',
        '[[bin]]\nname = "gr"\npath = "crates/core/main.rs"',
        '[[test]]\nname = "integration"\npath = "tests/all.rs"',
        "[workspace]\nmembers = ['lib']\n",
      ].join("\n"),
      "crates/core/main.rs": "mod flags;",
      "crates/core/flags/mod.rs": "mod parse;",
      "crates/core/flags/parse.rs": "",
      "tests/all.rs": "mod misc;",
      "tests/misc.rs": "",
      "lib/Cargo.toml": '[package]\nname = "x"\n[lib]\nname = "grep_lib"\npath = "./lib.rs"\n',
      "lib/lib.rs": "",
      "lib/inner/deep.rs": "",
    });
    expect(found).toEqual({
      "crates/core/main.rs": "grep",
      "crates/core/flags/mod.rs": "grep::flags",
      "crates/core/flags/parse.rs": "grep::flags::parse",
      "tests/all.rs": "grep::tests::integration",
      "tests/misc.rs": "grep::tests::integration::misc",
      "lib/lib.rs": "grep_lib",
      "lib/inner/deep.rs": "grep_lib::inner::deep",
    });
  });

  it("share a folder if each declares its own modules", async () => {
    const found = await modulesIn({
      "Cargo.toml": [
        '[package]\nname = "old"',
        "[[test]]\nname = 'one'\n[[test]]\nname = 'two'\n",
      ].join("\n"),
      "tests/one.rs": "/* mod b; */ mod a;",
      "tests/two.rs": 'const S: &str = "mod a;";\nmod b;',
      "tests/a.rs": "",
      "tests/b/mod.rs": "",
      "tests/c.rs": "",
    });
    expect(found).toEqual({
      "tests/one.rs": "old::tests::one",
      "tests/two.rs": "old::tests::two",
      "tests/a.rs": "old::tests::one::a",
      "tests/b/mod.rs": "old::tests::two::b",
      "tests/c.rs": "old::tests::c",
    });
  });

  it("hold files to which attributes lead", async () => {
    const found = await modulesIn({
      "Cargo.toml": '[package]\nname = "n"\nedition = "2021"\n',
      "src/lib.rs": [
        '#[cfg(unix)]\n#[path = "sys/unix.rs"]\nmod imp;',
        '#[cfg_attr(windows, path = "sys/windows.rs")]\nmod other;',
        'mod inner {\n  #[path = "far.rs"]\n  pub mod near;\n}',
        "mod plain;",
      ].join("\n"),
      "src/sys/unix.rs": "",
      "src/sys/windows.rs": "",
      "src/inner/far.rs": "",
      "src/plain.rs": '#[path = "elsewhere/mod.rs"]\nmod here;',
      "src/elsewhere/mod.rs": "mod child;",
      "src/elsewhere/child.rs": "",
      // It is declared where it stands, too, which counts.
      "tests/t.rs": '#[path = "../src/plain.rs"]\nmod borrowed;',
      "src/round.rs": '#[path = "about.rs"]\nmod a;',
      "src/about.rs": '#[path = "round.rs"]\nmod b;',
    });
    expect(found).toMatchObject({
      "src/sys/unix.rs": "n::imp",
      "src/sys/windows.rs": "n::other",
      "src/inner/far.rs": "n::inner::near",
      "src/plain.rs": "n::plain",
      "src/elsewhere/mod.rs": "n::plain::here",
      "src/elsewhere/child.rs": "n::plain::here::child",
    });
    expect(Object.keys(found)).toHaveLength(10);
  });

  it("reach files outside their folder", async () => {
    const found = await modulesIn({
      "node/Cargo.toml":
        '[package]\nname = "node"\nedition = "2021"\n[[bin]]\nname = "fix"\npath = "../scripts/fix.rs"\n',
      "node/src/lib.rs": '#[path = "../../tools/log.rs"]\nmod log;',
      "task/Cargo.toml":
        '[package]\nname = "task"\n[[bin]]\nname = "check"\npath = "../check.rs"\n',
      "task/src/main.rs": "",
      "check.rs": "",
      "scripts/fix.rs": "",
      "scripts/loose.rs": "",
      "tools/log.rs": "",
    });
    expect(found).toEqual({
      "node/src/lib.rs": "node",
      "task/src/main.rs": "task",
      "check.rs": "task::bin::check",
      "scripts/fix.rs": "node::bin::fix",
      "scripts/loose.rs": "crate::scripts::loose",
      "tools/log.rs": "node::log",
    });
  });

  it("follow a manifest that moves a root", async () => {
    const repository = gitRepository();
    const manifest = (path: string) =>
      `[package]\nname = "a"\nedition = "2021"\n[lib]\npath = "${path}"\n`;
    repository.commit("Add", { "Cargo.toml": manifest("src/lib.rs"), "src/b/c.rs": "fn f() {}\n" });
    repository.commit("Move the root", {
      "Cargo.toml": manifest("src/b/lib.rs"),
      "src/b/c.rs": "fn f() {}\nfn g() {}\n",
    });
    const { chunks } = await chunkRepository(repository);
    const names = chunks
      .map((chunk) => chunk.qualified_name)
      .filter((name) => name?.includes("::"));
    expect(names).toEqual(["a::b::c::f", "a::c::g"]);
  });

  it("are those of the commit, also when they are removed or renamed", async () => {
    const repository = gitRepository();
    const root = '[package]\nname = "root"\n';
    repository.commit("Add", {
      "Cargo.toml": root,
      "a/Cargo.toml": '[package]\nname = "one"\n',
      "a/src/x.rs": "fn f() {}\n",
    });
    repository.commit("Rename the crate", { "a/Cargo.toml": '[package]\nname = "two"\n' });
    repository.commit("Change", { "a/src/x.rs": "fn f() {}\nfn g() {}\n" });
    repository.commit("Remove", { "a/Cargo.toml": null, "a/src/x.rs": null });
    const commits = scrape(repository);
    for (const run of [chunkRepository(repository, {}, commits), chunkAll(commits)]) {
      const { chunks } = await run;
      const units = chunks.flatMap(unitsOfChunk);
      const names = units.map((unit) => unit.qualified_name).filter((name) => name !== null);
      expect(names).toEqual(["one::x::f", "two::x::g", "two::x::f", "two::x::g"]);
    }
  });
});
