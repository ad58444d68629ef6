import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { rust } from "../src/languages/rust/rust.ts";
import { SourceText } from "../src/source/source-text.ts";
import { isUnitMap } from "../src/source/unit.ts";
import { chunkRepository } from "./collect.ts";

/** Units of a Rust text: kind, qualified name within the file, lines. */
async function unitsOf(text: string) {
  const map = await rust.cut(new SourceText(text));
  if (!isUnitMap(map)) return map;
  return map.units.map(({ kind, scope, container, name, first, last }) => {
    const path = [...scope, ...(container ? [container] : []), ...(name ? [name] : [])];
    return `${kind} ${path.join("::")} ${first}-${last}`;
  });
}

describe("Rust units", () => {
  it("names every kind of item", async () => {
    const text = `\
//! The ledger.
#![forbid(unsafe_code)]

use std::fmt;
use std::{
    io,
};

pub mod store;

/// How much.
#[derive(Debug)]
pub struct Amount(u64);
enum Side { Buy, Sell }
union Bits { a: u32, b: f32 }
pub const MAX: u64 = 9;
static NAME: &str = "x";
type Result<T> = std::result::Result<T, Error>;
macro_rules! square { ($x:expr) => { $x * $x } }
extern "C" {
    fn abs(x: i32) -> i32;
}
thread_local! {
    static DEPTH: u8 = 0;
}

// About the world
// in general.

pub fn free() -> u64 {
    fn inner() {}
    MAX
}
`;
    expect(await unitsOf(text)).toEqual([
      "use  4-7",
      "module store 9-9",
      "struct Amount 11-13",
      "enum Side 14-14",
      "union Bits 15-15",
      "const MAX 16-16",
      "static NAME 17-17",
      "type Result 18-18",
      "macro square 19-19",
      "extern_block  20-22",
      "macro_call DEPTH 23-25",
      "function free 30-33",
      "docs  1-2",
      "comment  27-28",
    ]);
  });

  it("separates members from their container", async () => {
    const text = `\
impl<T: Clone> fmt::Display for Vec<T>
where
    T: Copy,
{
    type Out = u8;

    // Why.
    fn fmt(&self) {
    }

    const N: u8 = 1;
}

impl Store {
    /// Opens it.
    pub fn open() {}
}
trait Shape {
    fn area(&self) -> f64;
    fn twice(&self) -> f64 {
        2.0 * self.area()
    }
}
unsafe impl !Send for Store {}
`;
    expect(await unitsOf(text)).toEqual([
      "impl <Vec<T> as fmt::Display> 1-12",
      "method <Vec<T> as fmt::Display>::fmt 7-9",
      "impl Store 14-17",
      "method Store::open 15-16",
      "trait Shape 18-23",
      "method Shape::twice 20-22",
      "impl <Store as !Send> 24-24",
    ]);
  });

  it("leaves a comment behind code with that code, and the next item alone", async () => {
    const text = `\
const A: u8 = 1; // one
const B: u8 = 2; /* two */
/// Three.
const C: u8 = 3; // three
fn f() {} // f
// About g.
fn g() {}
`;
    expect(await unitsOf(text)).toEqual([
      "const A 1-1",
      "const B 2-2",
      "const C 3-4",
      "function f 5-5",
      "function g 6-7",
    ]);
  });

  it.each([
    ["#[test]", "test"],
    ['#[tokio::test(flavor = "multi_thread")]', "test"],
    ["#[cargo_test]", "test"],
    ['#[cargo_test(nightly, reason = "x")]', "test"],
    ["#[my :: deep :: wasm_bindgen_test]", "test"],
    ["#[rstest]", "test"],
    ["#[bench]", "test"],
    ['#[doc = "test"]', "function"],
    ["#[testing]", "function"],
    ["#[cfg_attr(test, inline)]", "function"],
    ["#[test_helper]", "function"],
  ])("takes a function with %s for a %s", async (attribute, kind) => {
    expect(await unitsOf(`${attribute}\nfn f() {}\n`)).toEqual([`${kind} f 1-2`]);
  });

  it("follows inline modules and knows tests", async () => {
    const text = `\
mod net {
    mod peer {
        fn dial() {}
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    fn helper() {}

    #[tokio::test]
    async fn works() {}
}
proptest! {
    #[test]
    fn holds(x in 0..9) {}
}
`;
    expect(await unitsOf(text)).toEqual([
      "module net 1-5",
      "module net::peer 2-4",
      "function net::peer::dial 3-3",
      "module tests 6-14",
      "use tests 8-8",
      "function tests::helper 10-10",
      "test tests::works 12-13",
      "macro_call holds 15-18",
    ]);
    const map = await rust.cut(new SourceText(text));
    const tests = isUnitMap(map) ? map.units.filter((unit) => unit.isTest) : [];
    expect(tests.map((unit) => unit.kind)).toEqual([
      "module",
      "use",
      "function",
      "test",
      "macro_call",
    ]);
  });

  it("does not divide a line", async () => {
    expect(await unitsOf("struct A; struct B;\nimpl A { fn a() {} }\n")).toEqual([
      "struct A 1-1",
      "impl A 2-2",
    ]);
  });

  it("gives every line that is not blank to one unit, also around errors", async () => {
    const text = `\
fn before() {}
<<<<<<< HEAD
fn ours() {}
=======
fn theirs() { let x = ; }
>>>>>>> topic

fn after() {
    if
}
struct Last {
    a: u8,
`;
    const source = new SourceText(text);
    const map = await rust.cut(source);
    if (!isUnitMap(map)) throw new Error(map);
    for (let line = 1; line <= source.lineCount; line += 1) {
      if (!source.isBlank(line)) expect(map.owners[line], `line ${line}`).toBeGreaterThanOrEqual(0);
    }
    expect(map.units.map((unit) => unit.name)).toContain("before");
  });

  it("gives up on what is not Rust, or too nested, in bounded time", async () => {
    expect(await unitsOf("# Title\n\nSome text, that isn't code.\n".repeat(50))).toBe("not_parsed");
    expect(await unitsOf("x".repeat(3 << 20))).toBe("too_long");
    expect(["not_parsed", "parse_limit"]).toContain(await unitsOf("((((\n".repeat(100_000)));
    const nested = `${"mod a {\n".repeat(5000)}fn f() {}\n${"}\n".repeat(5000)}`;
    expect(Array.isArray(await unitsOf(nested))).toBe(true);
  });

  it("places modules in the crate of the nearest manifest", async () => {
    const repository = gitRepository();
    const body = "pub fn f() {\n    1 + 1;\n}\n";
    repository.commit("Start", {
      "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
      "crates/energy/Cargo.toml": '[package]\nname = "energy-market"\n',
      "crates/energy/src/lib.rs": "pub mod disputes;\n",
      "crates/energy/src/disputes.rs": body,
      "crates/energy/src/a/mod.rs": "mod inner {\n    fn g() {}\n}\n",
      "crates/energy/tests/end_to_end.rs": body,
      "crates/named/Cargo.toml": '[package]\nname = "x"\n[lib]\nname = "other"\n',
      "crates/named/src/main.rs": body,
      "loose/src/thing.rs": body,
    });
    const { chunks } = await chunkRepository(repository);
    const names = chunks.map((chunk) => chunk.qualified_name).filter((name) => name !== null);
    expect(names).toEqual([
      "energy_market::a::inner",
      "energy_market::a::inner::g",
      "energy_market::disputes::f",
      "energy_market::disputes",
      "energy_market::tests::end_to_end::f",
      "other::f",
      "loose::thing::f",
    ]);
  });
});
