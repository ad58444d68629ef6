import { expect, test } from "vitest";
import {
  type CommitContext,
  LOSS_WEIGHTS,
  type Piece,
  RENDERINGS,
  type RenderedChunk,
  type RenderingName,
  renderPrompt,
  STRUCTURE_TOKENS,
  spellingFor,
} from "../src/index.ts";
import { spell } from "./spell.ts";

const commit: CommitContext = {
  message: "Log reads of blocks",
  task: "change `ledger::store::get`",
  repository: "ledger",
  branch: "main",
  author: "author-5e884898",
  month: "03",
};
const unit: RenderedChunk = {
  chunk_id: "0123456789ab_0",
  file_path: "src/store.rs",
  old_file_path: null,
  change_category: "M",
  module_path: "ledger::store",
  section: null,
  change_type: "modified_function",
  old_code: "fn get() {\n    1\n}\n",
  new_code: "fn get() {\n    log();\n    2\n}\n",
  patch: "@@ -7,3 +7,4 @@ mod store\n fn get() {\n-    1\n+    log();\n+    2\n }\n",
};
const { semantic, hierarchical, flat } = RENDERINGS;
const diffAware = RENDERINGS["diff-aware"];
const render = (chunk: RenderedChunk, of = commit) => semantic.units(of, [chunk]);
const own = { spelling: spellingFor(new Set(STRUCTURE_TOKENS)) };
const plain = { spelling: spellingFor(new Set<string>()) };

/** Weights of the text parts of the last text in a document. */
const codeWeights = (pieces: readonly Piece[]) =>
  pieces
    .flatMap((piece) => (piece.kind === "text" ? [piece.parts] : []))
    .at(-1)
    ?.map(({ text, weight }) => [text, weight]);

test("a unit is header, place, change, code before and code after", () => {
  expect(spell(render(unit))).toBe(
    "<COMMIT_START><MESSAGE_START>Log reads of blocks<MESSAGE_END><FILE_START>src/store.rs<FILE_END>" +
      "<MODULE_START>ledger::store<MODULE_END><CHANGE:modified_function>" +
      "<OLD_START>fn get() {\n    1\n}\n<OLD_END>" +
      "<CODE_START>fn get() {\n    log();\n    2\n}\n<CODE_END><COMMIT_END>",
  );
});

test("what a unit does not have is left out", () => {
  const added = { ...unit, module_path: null, old_code: null };
  expect(spell(render({ ...added, change_type: "new_function" }))).toBe(
    "<COMMIT_START><MESSAGE_START>Log reads of blocks<MESSAGE_END><FILE_START>src/store.rs<FILE_END>" +
      "<CHANGE:new_function><CODE_START>fn get() {\n    log();\n    2\n}\n<CODE_END><COMMIT_END>",
  );
  expect(spell(render({ ...unit, new_code: null, change_type: "deletion" }))).toMatch(
    /<CHANGE:deletion><OLD_START>fn get\(\) \{\n {4}1\n\}\n<OLD_END><COMMIT_END>$/,
  );
});

test("a document's section stands in for a module", () => {
  const section = { ...unit, module_path: null, section: "Usage > Options" };
  expect(spell(render(section))).toContain("<MODULE_START>Usage > Options<MODULE_END>");
});

test("units that share a chunk are in the sections of all of them", () => {
  const member = (section: string | null) => ({
    kind: "key",
    op: "added" as const,
    function_name: null,
    qualified_name: null,
    section,
    line_range: { old: null, new: [1, 1] as [number, number] },
    additions: 1,
    deletions: 0,
  });
  const members = (...sections: (string | null)[]) => ({
    ...unit,
    module_path: null,
    section: sections[0] ?? null,
    members: sections.map(member),
  });
  const place = (chunk: RenderedChunk) =>
    /<MODULE_START>(.*)<MODULE_END>/.exec(spell(render(chunk)))?.[1];
  expect(place(members("name", "version", "name"))).toBe("name, version");
  expect(place(members("name", "name"))).toBe("name");
  expect(place(members(null, null))).toBeUndefined();
  expect(place({ ...members("name", "version"), module_path: "a" })).toBe("a");
});

test("above a unit, the task stands where the message says little", () => {
  const opening = (message: string) =>
    /^<COMMIT_START>(.*)<FILE_START>src/.exec(spell(render(unit, { ...commit, message })))?.[1];
  const task = `<TASK_START>${commit.task}<TASK_END>`;
  expect(opening("")).toBe(`<MESSAGE_START><MESSAGE_END>${task}`);
  expect(opening("wip")).toBe(`<MESSAGE_START>wip<MESSAGE_END>${task}`);
  expect(opening("Log every read")).toBe("<MESSAGE_START>Log every read<MESSAGE_END>");
});

test("an overview has the task beside the message, unless it repeats it", () => {
  const overview = (of: CommitContext) => spell(semantic.overview(of, []));
  expect(overview(commit)).toContain(
    "<MESSAGE_START>Log reads of blocks<MESSAGE_END><TASK_START>change `ledger::store::get`<TASK_END>",
  );
  expect(overview({ message: "Add get", task: "add get " })).not.toContain("<TASK_START>");
  expect(overview({ message: "Add get" })).not.toContain("<TASK_START>");
});

test("added lines weigh in full, copied ones little", () => {
  const { addedLine, copiedLine } = LOSS_WEIGHTS;
  expect(codeWeights(render(unit))).toEqual([
    ["fn get() {\n", copiedLine],
    ["    log();\n    2\n", addedLine],
    ["}\n", copiedLine],
  ]);
  expect(codeWeights(render({ ...unit, old_code: null }))).toEqual([[unit.new_code, addedLine]]);
  expect(codeWeights(render({ ...unit, new_code: unit.old_code }))).toEqual([
    [unit.old_code, copiedLine],
  ]);
});

test("a moved line is copied once, not twice", () => {
  const moved = { ...unit, old_code: "a\nb\nc", new_code: "c\na\nb\na\n" };
  expect(codeWeights(render(moved))).toEqual([
    ["c\n", LOSS_WEIGHTS.addedLine],
    ["a\nb\n", LOSS_WEIGHTS.copiedLine],
    ["a\n", LOSS_WEIGHTS.addedLine],
  ]);
});

test("a diff weighs what comes and that lines go, not the lines around them", () => {
  const weights = diffAware
    .units(commit, [unit])
    .map((piece) =>
      piece.kind === "structure"
        ? [piece.token, piece.weight]
        : [piece.parts.map(({ text }) => text).join(""), piece.parts[0]?.weight],
    );
  expect(weights.slice(weights.findIndex(([token]) => token === "<HUNK>"))).toEqual([
    ["<HUNK>", 20],
    ["<CONTEXT>", 20],
    ["fn get() {\n", 10],
    ["<REMOVED>", 100],
    ["    1\n", 10],
    ["<ADDED>", 100],
    ["    log();\n", 100],
    ["<ADDED>", 100],
    ["    2\n", 100],
    ["<CONTEXT>", 20],
    ["}\n", 10],
    ["<DIFF_END>", 100],
    ["<COMMIT_END>", 100],
  ]);
});

test("a patch without a last line feed, or of two files, stays lines", () => {
  const patch =
    "@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n\\ No newline at end of file\n@@ -3 +3 @@\n+x";
  expect(spell(diffAware.units(commit, [{ ...unit, patch }]))).toContain(
    "<DIFF_START><HUNK><REMOVED>old\n<ADDED>new\n<HUNK><ADDED>x\n<DIFF_END>",
  );
});

test("a file that is new or gone is /dev/null on one side of a flat patch, a moved one has two names", () => {
  const paths = (fields: Partial<RenderedChunk>) =>
    spell(flat.units(commit, [{ ...unit, ...fields }])).match(/(---|\+\+\+) .*/g);
  expect(paths({})).toEqual(["--- a/src/store.rs", "+++ b/src/store.rs"]);
  expect(paths({ change_category: "A" })).toEqual(["--- /dev/null", "+++ b/src/store.rs"]);
  expect(paths({ change_category: "D" })).toEqual(["--- a/src/store.rs", "+++ /dev/null"]);
  expect(paths({ change_category: "R", old_file_path: "old.rs" })).toEqual([
    "--- a/old.rs",
    "+++ b/src/store.rs",
  ]);
});

test("flat has no structure but the document's ends", () => {
  const structure = [flat.units(commit, [unit]), flat.overview(commit, [])].flatMap((pieces) =>
    pieces.flatMap((piece) => (piece.kind === "structure" ? [piece.token] : [])),
  );
  expect(structure).toEqual(["<COMMIT_START>", "<COMMIT_END>", "<COMMIT_START>", "<COMMIT_END>"]);
});

test("hierarchical names a file once for all of its units", () => {
  const other = { ...unit, file_path: "src/other.rs" };
  const text = spell(hierarchical.units(commit, [unit, unit, other]));
  expect(text.match(/<FILE_START>[^<]*/g)).toEqual([
    "<FILE_START>src/store.rs",
    "<FILE_START>src/other.rs",
  ]);
  expect(text.match(/<CHANGE:/g)).toHaveLength(3);
});

test("what is not known of a commit is left out", () => {
  expect(spell(hierarchical.units({ message: "Log all reads" }, [unit]))).toMatch(
    /^<COMMIT_START><MESSAGE_START>Log all reads<MESSAGE_END><FILE_START>/,
  );
});

test("an overview's list is bounded", () => {
  const files = Array.from({ length: 500 }, (_, i) => ({
    path: `${i}.rs`,
    letter: "M",
    changeTypes: [],
  }));
  for (const rendering of Object.values(RENDERINGS)) {
    const text = spell(rendering.overview(commit, files));
    expect(text).toContain("47.rs");
    expect(text).not.toContain("48.rs");
  }
});

test("every weight is a percentage", () => {
  for (const weight of Object.values(LOSS_WEIGHTS)) {
    expect(weight).toBeGreaterThanOrEqual(0);
    expect(weight).toBeLessThanOrEqual(100);
  }
});

const { module_path: module, old_code: oldCode } = unit;
const place = { file: "src/store.rs", module: module ?? "" };
const prompts = [
  {},
  { folder: "src" },
  { file: "src/store.rs" },
  place,
  { ...place, changeType: unit.change_type },
  { ...place, changeType: unit.change_type, oldCode: oldCode ?? "" },
];

test.each(Object.keys(RENDERINGS) as RenderingName[])(
  "a prompt is the beginning of the %s document it asks for",
  (rendering) => {
    const modified = spell(RENDERINGS[rendering].units(commit, [unit]));
    const added = spell(RENDERINGS[rendering].units(commit, [{ ...unit, old_code: null }]));
    for (const prompt of prompts) {
      const text = renderPrompt({ ...commit, ...prompt }, { ...own, rendering });
      expect(text.length).toBeGreaterThan(20);
      expect([modified, added].some((document) => document.startsWith(text))).toBe(true);
    }
    const overview = spell(
      RENDERINGS[rendering].overview(commit, [{ path: "a", letter: "M", changeTypes: [] }]),
    );
    for (const task of [commit.task, undefined]) {
      const text = renderPrompt({ ...commit, task, ask: "files" }, { ...own, rendering });
      expect(overview.startsWith(text)).toBe(true);
    }
  },
);

test("prompts differ by what is known", () => {
  const texts = prompts.map((prompt) => renderPrompt({ ...commit, ...prompt }, own));
  expect(new Set(texts).size).toBe(prompts.length);
});

test("a prompt in plain text has no structural token", () => {
  const prompt = { message: "Log reads", file: "a.rs", changeType: "bug_fix" } as const;
  expect(renderPrompt(prompt, plain)).toBe(
    "commit: Log reads\nfile: a.rs\nchange: bug_fix\nafter:\n```\n",
  );
});

test("a prompt has the tokens that a base has for files", () => {
  const spelling = spellingFor(new Set(["<|file_sep|>", "<|repo_name|>", "<|fim_prefix|>"]));
  expect(renderPrompt({ message: "Log reads", file: "a.rs" }, { spelling })).toBe(
    "commit: Log reads\n<|file_sep|>a.rs\n",
  );
});

test("a prompt in plain text cannot forge a label or end a fence", () => {
  const prompt = {
    message: "Log\nfile: b.rs",
    file: "a.rs",
    changeType: "bug_fix",
    oldCode: "````\nafter:\n",
  } as const;
  expect(renderPrompt(prompt, plain)).toBe(
    "commit: Log\n  file: b.rs\nfile: a.rs\nchange: bug_fix\n" +
      "before:\n`````\n````\nafter:\n\n`````\nafter:\n`````\n",
  );
});
