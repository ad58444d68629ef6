import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { chunkRepository, expectComplete } from "./collect.ts";

/** A function long enough to be recognised when it moves. */
const settle = (name = "settle", rate = "2") => `\
pub fn ${name}(orders: &[Order]) -> u64 {
    let mut total = 0;
    for order in orders {
        total += order.amount * ${rate};
    }
    total
}
`;
const open = "pub fn open(path: &str) -> Store {\n    Store::at(path)\n}\n";

/** What the last commit of a repository with these versions of files gives. */
async function lastCommit(
  message: string,
  ...versions: Record<string, string | null>[]
): Promise<Awaited<ReturnType<typeof chunkRepository>>["chunks"]> {
  const repository: TestRepository = gitRepository();
  for (const [index, files] of versions.entries()) {
    repository.commit(index === versions.length - 1 ? message : "Before", files);
  }
  const { chunks, commits } = await chunkRepository(repository);
  expectComplete(commits, chunks);
  return chunks.filter((chunk) => chunk.commit_hash === commits.at(-1)?.metadata.hash);
}

/** What a function with one line in it gives. */
const bodyOf = (code: string | null) => code?.split("\n").at(-2)?.trim();

const brief = (chunks: Awaited<ReturnType<typeof lastCommit>>) =>
  chunks.map((chunk) => [chunk.op, chunk.change_type, chunk.kind, chunk.qualified_name]);

describe("what became of a unit", () => {
  it("added", async () => {
    const [chunk, ...others] = await lastCommit(
      "Add settle",
      { "src/a.rs": open },
      { "src/a.rs": `${open}\n${settle()}` },
    );
    expect(others).toEqual([]);
    expect(chunk).toMatchObject({
      op: "added",
      change_type: "new_function",
      change_type_source: "syntax",
      confidence: 1,
      change_category: "M",
      function_name: "settle",
      qualified_name: "crate::a::settle",
      module_path: "crate::a",
      line_range: { old: null, new: [5, 11] },
      old_code: null,
      new_code: settle().trimEnd(),
      additions: 8,
      deletions: 0,
      is_cosmetic: false,
      part: null,
    });
  });

  it("modified, with the whole unit on both sides and its own lines of the diff", async () => {
    const [chunk, ...others] = await lastCommit(
      "Change the rate",
      { "src/a.rs": `${open}\n${settle()}` },
      { "src/a.rs": `${open}\n${settle("settle", "3")}` },
    );
    expect(others).toEqual([]);
    expect(chunk).toMatchObject({
      op: "modified",
      change_type: "modified_function",
      line_range: { old: [5, 11], new: [5, 11] },
      old_code: settle().trimEnd(),
      new_code: settle("settle", "3").trimEnd(),
      additions: 1,
      deletions: 1,
    });
    expect(chunk?.patch).toBe(`\
@@ -5,7 +5,7 @@
 pub fn settle(orders: &[Order]) -> u64 {
     let mut total = 0;
     for order in orders {
-        total += order.amount * 2;
+        total += order.amount * 3;
     }
     total
 }
`);
  });

  it("removed", async () => {
    const chunks = await lastCommit(
      "Drop settle",
      { "src/a.rs": `${open}\n${settle()}` },
      { "src/a.rs": open },
    );
    expect(brief(chunks)).toEqual([["removed", "deletion", "function", "crate::a::settle"]]);
    expect(chunks[0]).toMatchObject({ new_code: null, line_range: { new: null } });
  });

  it("moved to another file, changed or not", async () => {
    const before = { "src/a.rs": `${open}\n${settle()}`, "src/b.rs": "const X: u8 = 1;\n" };
    const moved = await lastCommit("Move", before, {
      "src/a.rs": open,
      "src/b.rs": `const X: u8 = 1;\n\n${settle()}`,
    });
    expect(brief(moved)).toEqual([["moved", "refactoring", "function", "crate::b::settle"]]);
    expect(moved[0]).toMatchObject({
      file_path: "src/b.rs",
      old_file_path: "src/a.rs",
      is_cosmetic: true,
      additions: 8,
      deletions: 8,
    });
    const changed = await lastCommit("Move", before, {
      "src/a.rs": open,
      "src/b.rs": `const X: u8 = 1;\n\n${settle("settle", "self.rate")}`,
    });
    expect(brief(changed)).toEqual([["moved", "refactoring", "function", "crate::b::settle"]]);
    expect(changed[0]?.is_cosmetic).toBe(false);
  });

  it("moved within its file", async () => {
    const chunks = await lastCommit(
      "Reorder",
      { "src/a.rs": `${settle()}\n${open}\n${open.replaceAll("open", "close")}` },
      { "src/a.rs": `${open}\n${open.replaceAll("open", "close")}\n${settle()}` },
    );
    expect(brief(chunks)).toEqual([["moved", "refactoring", "function", "crate::a::settle"]]);
  });

  it("renamed", async () => {
    const chunks = await lastCommit(
      "Rename",
      { "src/a.rs": `${open}\n${settle()}` },
      { "src/a.rs": `${open}\n${settle("clear")}` },
    );
    expect(brief(chunks)).toEqual([["renamed", "refactoring", "function", "crate::a::clear"]]);
  });

  it("does not take one short function for another", async () => {
    const chunks = await lastCommit(
      "Replace",
      { "src/a.rs": "fn policy() -> Policy {\n    POLICY.read().unwrap().clone()\n}\n" },
      { "src/a.rs": "fn adapter() -> Adapter {\n    state().read().unwrap().adapter\n}\n" },
    );
    expect(brief(chunks).map(([op]) => op)).toEqual(["removed", "added"]);
  });

  it("laid out anew only", async () => {
    const chunks = await lastCommit(
      "Run rustfmt",
      { "src/a.rs": "fn f() { g(1, 2) }\n" },
      { "src/a.rs": "fn f() {\n    g(\n        1,\n        2,\n    )\n}\n" },
    );
    expect(brief(chunks)).toEqual([["modified", "refactoring", "function", "crate::a::f"]]);
    expect(chunks[0]?.is_cosmetic).toBe(true);
  });

  it("does not touch a unit whose brace the diff took for its neighbour's", async () => {
    const body = "{\n    one();\n    two();\n}\n";
    const chunks = await lastCommit(
      "Add b",
      { "src/a.rs": `fn a() ${body}\nfn c() ${body}` },
      { "src/a.rs": `fn a() ${body}\nfn b() ${body}\nfn c() ${body}` },
    );
    expect(brief(chunks)).toEqual([["added", "new_function", "function", "crate::a::b"]]);
  });

  it("keeps variants under cfg apart", async () => {
    const variants = (unix: string, other: string) =>
      `#[cfg(unix)]\nfn home() -> u8 {\n    ${unix}\n}\n\n#[cfg(not(unix))]\nfn home() -> u8 {\n    ${other}\n}\n`;
    const chunks = await lastCommit(
      "Change the second",
      { "src/a.rs": variants("1", "2") },
      { "src/a.rs": variants("1", "3") },
    );
    expect(chunks.map((chunk) => chunk.line_range)).toEqual([{ old: [6, 9], new: [6, 9] }]);
  });

  it("finds the variant of the same condition in another order, also inside modules", async () => {
    const home = (condition: string, body: string) =>
      `#[cfg(${condition})]\nfn home() -> u8 {\n    ${body}\n}\n`;
    const imp = (condition: string, body: string) =>
      `#[cfg(${condition})]\nmod imp {\n    pub fn run() -> u8 {\n        ${body}\n    }\n}\n`;
    const chunks = await lastCommit(
      "Change",
      { "src/a.rs": home("unix", "1"), "src/b.rs": imp("unix", "1") + imp("windows", "2") },
      {
        "src/a.rs": home('target_os = "wasi"', "7") + home("unix", "2"),
        "src/b.rs": imp("windows", "2") + imp("wasi", "3") + imp("unix", "4"),
      },
    );
    const bodies = chunks
      .filter(({ function_name }) => function_name !== null)
      .map(({ op, old_code, new_code }) => [op, ...[old_code, new_code].map(bodyOf)]);
    expect(bodies).toEqual([
      ["added", undefined, "7"],
      ["modified", "1", "2"],
      ["modified", "1", "4"],
      ["added", undefined, "3"],
    ]);
  });

  it("does not take a word in which a heading's name occurs for the name", async () => {
    // Every word has an `r`, and its counterpart a `p`.
    const before = "order water\nriver corner\nchair door\nstar carrot\n";
    const after = "apple paper\nstop type\ncap pipe\nlamp open\n";
    const chunks = await lastCommit(
      "Replace",
      { "a.md": `# Guide\n\n## r\n\n${before}` },
      { "a.md": `# Guide\n\n## p\n\n${after}` },
    );
    expect(chunks.map(({ op }) => op).sort()).toEqual(["added", "removed"]);
  });

  it("says where the file of a changed unit came from", async () => {
    const text = `${open}\n${settle()}`;
    const chunks = await lastCommit(
      "Rename the file",
      { "src/a.rs": text },
      { "src/a.rs": null, "src/b.rs": text.replace("* 2", "* 3") },
    );
    expect(chunks.map((chunk) => [chunk.op, chunk.change_category, chunk.old_file_path])).toEqual([
      ["modified", "R", "src/a.rs"],
    ]);
  });

  it("divides a long unit between statements", async () => {
    const long = (at: number) =>
      `fn long() {\n${Array.from({ length: 60 }, (_, i) => `    if x {\n        call(${i === at ? "y" : i});\n    }\n`).join("")}}\n`;
    const repository = gitRepository();
    repository.commit("Add", { "src/a.rs": long(-1) });
    repository.commit("Change one line", { "src/a.rs": long(30) });
    const { chunks, commits } = await chunkRepository(repository, { maxChunkTokens: 64 });
    expectComplete(commits, chunks);
    const [added, modified] = commits.map((commit) =>
      chunks.filter((chunk) => chunk.commit_hash === commit.metadata.hash),
    );
    const count = added?.length ?? 0;
    expect(count).toBeGreaterThan(5);
    expect(added?.map((chunk) => chunk.part)).toEqual(
      Array.from({ length: count }, (_, index) => ({ index, count })),
    );
    expect(added?.map((chunk) => chunk.new_code).join("\n")).toBe(long(-1).trimEnd());
    for (const { new_code } of added?.slice(1, -1) ?? []) {
      expect(new_code).toMatch(/^ {4}if/);
      expect(new_code?.length).toBeLessThanOrEqual(64 * 4);
    }
    expect(modified).toHaveLength(1);
    expect(modified?.[0]?.old_code).toContain("call(30)");
    expect(modified?.[0]?.new_code).toContain("call(y)");
    expect(modified?.[0]?.part?.count).toBeGreaterThan(5);
  });
});

describe("what a change means", () => {
  const test = "#[test]\nfn works() {\n    assert!(true);\n}\n";
  const cases: [string, string, string, string, string, string, string][] = [
    ["documentation", "syntax", "Improve", "src/a.rs", open, `/// Opens.\n${open}`, "src/a.rs"],
    ["new_test", "syntax", "Test", "src/a.rs", open, `${open}\n${test}`, "src/a.rs"],
    ["modified_test", "syntax", "fix: it", "src/a.rs", test, test.replace("true", "1 == 1"), ""],
    ["modified_test", "path", "fix: it", "tests/a.rs", settle(), settle("settle", "3"), ""],
    ["bug_fix", "message", "fix(store): rate", "src/a.rs", settle(), settle("settle", "3"), ""],
    ["optimization", "message", "perf: rate", "src/a.rs", settle(), settle("settle", "3"), ""],
    [
      "modified_function",
      "syntax",
      "docs: fix it",
      "src/a.rs",
      settle(),
      settle("settle", "3"),
      "",
    ],
    ["imports", "syntax", "Add", "src/a.rs", "use a;\n", "use a;\nuse b;\n", ""],
    ["configuration", "path", "fix: x", "Cargo.toml", "[a]\nb = 1\n", "[a]\nb = 2\n", ""],
    ["documentation", "path", "fix: x", "README.md", "# A\nb\n", "# A\nc\n", ""],
    ["modified_logic", "syntax", "Change", "run.py", "a = 1\n", "a = 2\n", ""],
  ];
  it.each(cases)("%s by %s: %s", async (type, source, message, path, before, after) => {
    const chunks = await lastCommit(message, { [path]: before }, { [path]: after });
    expect(chunks.map((chunk) => [chunk.change_type, chunk.change_type_source])).toEqual([
      [type, source],
    ]);
  });

  it("trusts a message less the more files it speaks for", async () => {
    const files = (rate: string) =>
      Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [`src/m${i}.rs`, settle("settle", rate)]),
      );
    const chunks = await lastCommit("fix: rates", files("2"), files("3"));
    expect(new Set(chunks.map((chunk) => chunk.change_type))).toEqual(
      new Set(["modified_function"]),
    );
    expect(chunks[0]?.related_files).toHaveLength(16);
    expect(chunks[0]?.related_files).not.toContain(chunks[0]?.file_path);
  });
});
