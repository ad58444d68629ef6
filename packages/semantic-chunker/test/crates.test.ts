import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { crateNameOf } from "../src/modules/cargo-manifest.ts";
import { rustModulePath } from "../src/modules/rust-module-path.ts";
import { chunkAll, chunkRepository } from "./collect.ts";
import { scrape } from "./history.ts";

describe("crates", () => {
  it.each([
    ['[package]\nname = "the-block"\n', "the_block"],
    ["[package]\nname = 'a' # b\n[[bin]]\nname = \"c\"\n", "a"],
    ['[package]\nname = "a"\n[lib]\nname = "b"\n', "b"],
    ['[workspace]\nmembers = ["a"]\n[dependencies]\nname = "x"\n', undefined],
  ])("are named by %j", (manifest, name) => {
    expect(crateNameOf(manifest)).toBe(name);
  });

  it.each([
    ["src/lib.rs", undefined, "crate"],
    ["src/a/mod.rs", undefined, "crate::a"],
    ["crates/my-net/src/a/b.rs", undefined, "my_net::a::b"],
    ["net/src/bin/tool.rs", { name: "n", folder: "net" }, "n::bin::tool"],
    ["net/build.rs", { name: "n", folder: "net" }, "n::build"],
    ["benches/speed-test.rs", { name: "n", folder: "" }, "n::benches::speed_test"],
  ])("hold %s as a module", (path, crate, expected) => {
    expect(rustModulePath(path, crate).join("::")).toBe(expected);
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
      const names = chunks.map((chunk) => chunk.qualified_name).filter((name) => name !== null);
      expect(names).toEqual(["one::x::f", "two::x::g", "two::x::f", "two::x::g"]);
    }
  });
});
