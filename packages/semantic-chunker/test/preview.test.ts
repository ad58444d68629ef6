import { stripVTControlCharacters } from "node:util";
import { ChunkSchema } from "@repotune/schema";
import { previewView } from "@repotune/schema/command";
import { type Files, gitRepository } from "@repotune/test-kit/git";
import { Check } from "typebox/value";
import { describe, expect, it } from "vitest";
import { previewChunks } from "../src/index.ts";
import { widthOf } from "../src/preview/terminal-text.ts";
import { scrape } from "./history.ts";

/** The preview of the last commit of a repository with these versions of files. */
async function previewOf(
  versions: Files[],
  look: Parameters<typeof previewView>[0] = {},
  { message = "Settle disputes", rename = (path: string) => path } = {},
): Promise<string[]> {
  const repository = gitRepository();
  for (const files of versions) repository.commit(message, files);
  const commit = scrape(repository).at(-1);
  if (!commit) throw new Error("no commit");
  for (const diff of commit.diffs) diff.filename = rename(diff.filename);
  let text = "";
  const pieces = previewChunks(commit, { repo: repository.path }, previewView(look));
  for await (const piece of pieces) text += piece;
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

const body = (name: string) => `pub fn ${name}(id: u64) -> u64 {\n    id + ${name.length}\n}\n`;
// In two pieces, so that no scanner takes this file for a leak.
const token = ["ghp", "1B4a2e77838347a7E420ce178F2E7c6912E1"].join("_");

const versions: Files[] = [
  {
    "src/disputes.rs": `use std::fs;\n\n${body("open")}\n${body("old")}`,
    "Cargo.lock": "version = 1\n",
  },
  {
    "src/disputes.rs": `use std::fs;\n\n${body("open").replace("id +", "2 * id +")}\n${body("resolve")}\nconst TOKEN: &str = "${token}";\n`,
    "Cargo.lock": "version = 2\n",
    "notes/plan.md": "# Plan\n\nGo on.\n",
  },
];

describe("a preview", () => {
  it("shows a commit's units by file, what was skipped, and the task", async () => {
    const [commit, ...lines] = await previewOf(versions);
    expect(commit).toMatch(/^commit {3}[0-9a-f]{12} \S.*, \d{4}-\d\d-\d\d$/);
    expect(lines).toEqual([
      "message  Settle disputes",
      "task     add `crate::disputes::TOKEN` and `notes/plan.md`; rename `old` to",
      "         `crate::disputes::resolve`; change `crate::disputes::open`; also a lock file",
      "",
      "notes/plan.md  markdown, documentation, new",
      "  + documentation  path 0.95  section  Plan  1–3  +3",
      "  with Cargo.lock, src/disputes.rs",
      "",
      "src/disputes.rs  rust, changed, crate::disputes",
      "  ~ modified_function  syntax 1    function  open     3–5  +1  -1",
      "  = refactoring        syntax 0.9  function  resolve  7–9  +2  -2",
      "      was old",
      "  + new_constant       syntax 1    const     TOKEN     11  +2",
      "      secrets: github-pat",
      "  with Cargo.lock, notes/plan.md",
      "",
      "skipped",
      "  lock_file (--include-lock-files): Cargo.lock",
      "",
      "4 units in 4 chunks, + 2 added, ~ 1 modified, = 1 renamed, +8 -3",
    ]);
  });

  it("joins the units that share a chunk", async () => {
    const lines = await previewOf([{ "src/a.rs": "const A: u8 = 1;\nconst B: u8 = 2;\n" }]);
    expect(lines.slice(5)).toEqual([
      "╭ + new_constant  syntax 1  const  A  1  +1",
      "╰ + new_constant  syntax 1  const  B  2  +1",
      "",
      "2 units in 1 chunk, + 2 added, +2 -0",
    ]);
  });

  it("gives the chunks themselves to a program", async () => {
    const chunks = (await previewOf(versions, { isJson: true })).map((line) => JSON.parse(line));
    expect(chunks.map(({ function_name }) => function_name)).toEqual([
      null,
      "open",
      "resolve",
      null,
    ]);
    for (const chunk of chunks) expect(Check(ChunkSchema, chunk)).toBe(true);
    expect(JSON.stringify(chunks)).not.toContain(token);
  });

  it("is the same with colours, but for them", async () => {
    const lines = await previewOf(versions, { hasColor: true });
    expect(lines.join("\n")).toContain("\x1b[32m+\x1b[39m");
    const plain = await previewOf(versions);
    expect(lines.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain);
  });

  it.each([40, 60, 80, 120])("keeps to %i columns", async (columns) => {
    const name = "a_name_that_is_longer_than_any_that_anybody_would_ever_want_to_write_or_read";
    const files: Files = {
      "src/表/ファイル名がとても長いときにも.rs": `${body(name)}\n${body("b")}`,
      "Cargo.lock": "version = 2\n",
    };
    const lines = await previewOf(
      [files],
      { columns },
      { message: `Say ${"a lot of words ".repeat(40)}` },
    );
    // The path of a file and the sum at the end stand whole; a row of units takes what it needs.
    const cut = lines.filter((line) => !line.startsWith("src/") && !/^\d+ units/.test(line));
    expect(Math.max(...cut.map(widthOf))).toBeLessThanOrEqual(Math.max(columns, 56));
  });

  it("shows what a terminal would obey, and obeys none of it", async () => {
    const lines = await previewOf(
      [{ "a.md": "# Title \x1b]0;x\x07 \u202e\n\nText\n" }],
      {},
      { message: "Clear \x1b[2J", rename: () => "src/a\x1b[2J\u202e\n.md" },
    );
    const text = lines.join("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
    expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text).toContain("src/a␛[2J\ufffd .md");
    expect(text).toContain("Title ␛]0;x␇ \ufffd");
    expect(text).toContain("message  Clear ␛[2J");
  });

  it("tells where a commit gives no chunk", async () => {
    const lines = await previewOf([{ "a.rs": body("a") }, { "Cargo.lock": "version = 2\n" }]);
    expect(lines.slice(2)).toEqual([
      "task     add `Cargo.lock`",
      "",
      "skipped",
      "  lock_file (--include-lock-files): Cargo.lock",
      "",
      "0 units in 0 chunks, +0 -0",
    ]);
  });
});
