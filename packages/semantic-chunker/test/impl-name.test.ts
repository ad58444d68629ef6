import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { chunkRepository } from "./collect.ts";

/** Op and name of what becomes of `before`. */
async function changesOf(before: string, after: string) {
  const repository = gitRepository();
  repository.commit("Before", { "src/a.rs": before });
  repository.commit("After", { "src/a.rs": after });
  const { chunks } = await chunkRepository(repository);
  return chunks
    .filter((chunk) => chunk.commit_number === 1)
    .map(({ op, kind, qualified_name }) => `${op} ${kind} ${qualified_name}`);
}

const member = "    fn show(&self) -> u8 {\n        1\n    }\n}\n";

describe("an impl of another name", () => {
  it.each([
    ["impl fmt::Show for A", "impl std::fmt::Show for A", "<A as std::fmt::Show>"],
    ["impl Show for A", "impl<T> Show for A<T>", "<A<T> as Show>"],
    ["impl A", "impl<T> A<T>", "A<T>"],
  ])("is the same, spelled otherwise: %s, %s", async (before, after, name) => {
    expect(await changesOf(`${before} {\n${member}`, `${after} {\n${member}`)).toEqual([
      `renamed impl crate::a::${name}`,
    ]);
  });

  it("is the same, without a lifetime, and not one that is more like it", async () => {
    const header = (type: string) => `impl<'a, W: Write> Show for ${type}<'a, W> {\n${member}`;
    const after = `impl<W: Write> Show for Inner<W> {\n${member}\n${header("InnerLock")}`;
    const changes = await changesOf(header("Inner"), after);
    expect(changes.filter((change) => / impl /.test(change))).toEqual([
      "renamed impl crate::a::<Inner<W> as Show>",
      "added impl crate::a::<InnerLock<'a, W> as Show>",
    ]);
  });

  it.each([
    ["impl Show for A", "impl Read for A"],
    ["impl From<X> for A", "impl From<Y> for A"],
  ])("is another: %s, %s", async (before, after) => {
    const changes = await changesOf(`${before} {\n${member}`, `${after} {\n${member}`);
    expect(changes.map((change) => change.split(" ", 2).join(" ")).sort()).toEqual([
      "added impl",
      "removed impl",
    ]);
  });
});

describe("a short unit", () => {
  it("is recognised where it is replaced", async () => {
    expect(await changesOf("trait Hiddent {}\n", "trait Hidden {}\n")).toEqual([
      "renamed trait crate::a::Hidden",
    ]);
  });

  it("is not recognised elsewhere, nor as a module", async () => {
    const gap = "\nfn a() {\n    b();\n}\n\n";
    const far = await changesOf(`trait A {}\n${gap}`, `${gap}trait B {}\n`);
    expect(far.sort()).toEqual(["added trait crate::a::B", "removed trait crate::a::A"]);
    const modules = await changesOf("mod a;\n", "mod b;\n");
    expect(modules.sort()).toEqual(["added module crate::a::b", "removed module crate::a::a"]);
  });
});

describe("an impl that is carried elsewhere in its file", () => {
  it("has moved, as its members have", async () => {
    const shown = `impl Show for A {\n${member}`;
    const rest =
      "\nfn a() {\n    b();\n    c();\n    d();\n    e();\n    f();\n    g();\n    h();\n}\n";
    expect(await changesOf(`${shown}${rest}`, `${rest.slice(1)}\n${shown}`)).toEqual([
      "moved impl crate::a::<A as Show>",
      "moved method crate::a::<A as Show>::show",
    ]);
  });
});
