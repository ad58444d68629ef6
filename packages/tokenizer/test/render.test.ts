import { expect, test } from "vitest";
import {
  LOSS_WEIGHTS,
  type Piece,
  type RenderedChunk,
  renderOverview,
  renderPrompt,
  renderUnit,
} from "../src/index.ts";
import { spell } from "./spell.ts";

const unit: RenderedChunk = {
  file_path: "src/store.rs",
  module_path: "ledger::store",
  section: null,
  change_type: "modified_function",
  old_code: "fn get() {\n    1\n}\n",
  new_code: "fn get() {\n    log();\n    2\n}\n",
  commit_metadata: { message: "Log reads" },
};

/** Weights of the text parts of the last text in a document. */
const codeWeights = (pieces: readonly Piece[]) =>
  pieces
    .flatMap((piece) => (piece.kind === "text" ? [piece.parts] : []))
    .at(-1)
    ?.map(({ text, weight }) => [text, weight]);

test("a unit is header, place, change, code before and code after", () => {
  expect(spell(renderUnit(unit))).toBe(
    "<COMMIT_START><MESSAGE_START>Log reads<MESSAGE_END><FILE_START>src/store.rs<FILE_END>" +
      "<MODULE_START>ledger::store<MODULE_END><CHANGE:modified_function>" +
      "<OLD_START>fn get() {\n    1\n}\n<OLD_END>" +
      "<CODE_START>fn get() {\n    log();\n    2\n}\n<CODE_END><COMMIT_END>",
  );
});

test("what a unit does not have is left out", () => {
  const added = { ...unit, module_path: null, old_code: null };
  expect(spell(renderUnit({ ...added, change_type: "new_function" }))).toBe(
    "<COMMIT_START><MESSAGE_START>Log reads<MESSAGE_END><FILE_START>src/store.rs<FILE_END>" +
      "<CHANGE:new_function><CODE_START>fn get() {\n    log();\n    2\n}\n<CODE_END><COMMIT_END>",
  );
  expect(spell(renderUnit({ ...unit, new_code: null, change_type: "deletion" }))).toMatch(
    /<CHANGE:deletion><OLD_START>fn get\(\) \{\n {4}1\n\}\n<OLD_END><COMMIT_END>$/,
  );
});

test("a document's section stands in for a module", () => {
  const section = { ...unit, module_path: null, section: "Usage > Options" };
  expect(spell(renderUnit(section))).toContain("<MODULE_START>Usage > Options<MODULE_END>");
});

test("added lines weigh in full, copied ones little", () => {
  const { addedLine, copiedLine } = LOSS_WEIGHTS;
  expect(codeWeights(renderUnit(unit))).toEqual([
    ["fn get() {\n", copiedLine],
    ["    log();\n    2\n", addedLine],
    ["}\n", copiedLine],
  ]);
  expect(codeWeights(renderUnit({ ...unit, old_code: null }))).toEqual([
    [unit.new_code, addedLine],
  ]);
  expect(codeWeights(renderUnit({ ...unit, new_code: unit.old_code }))).toEqual([
    [unit.old_code, copiedLine],
  ]);
});

test("a moved line is copied once, not twice", () => {
  const moved = { ...unit, old_code: "a\nb\nc", new_code: "c\na\nb\na\n" };
  expect(codeWeights(renderUnit(moved))).toEqual([
    ["c\n", LOSS_WEIGHTS.addedLine],
    ["a\nb\n", LOSS_WEIGHTS.copiedLine],
    ["a\n", LOSS_WEIGHTS.addedLine],
  ]);
});

test("an overview lists the files with their changes", () => {
  const pieces = renderOverview({
    subject: "Add store",
    body: "It keeps blocks.\n\nSigned-off-by: Ada <ada@example.com>\n",
    files: [
      { path: "src/store.rs", changeTypes: ["new_struct", "new_test"] },
      { path: "logo.png", changeTypes: [] },
    ],
  });
  expect(spell(pieces)).toBe(
    "<COMMIT_START><MESSAGE_START>Add store\n\nIt keeps blocks.<MESSAGE_END><FILES_START>" +
      "<FILE_START>src/store.rs<FILE_END><CHANGE:new_struct><CHANGE:new_test>" +
      "<FILE_START>logo.png<FILE_END><FILES_END><COMMIT_END>",
  );
});

test("an overview's body and list are bounded", () => {
  const files = Array.from({ length: 500 }, (_, i) => ({ path: `${i}.rs`, changeTypes: [] }));
  const text = spell(renderOverview({ subject: "s", body: "b".repeat(10_000), files }));
  expect(text).toContain("47.rs");
  expect(text).not.toContain("48.rs");
  expect(text.length).toBeLessThan(3_000);
});

test("a prompt is the beginning of the document it asks for", () => {
  const whole = spell(renderUnit(unit));
  const { module_path: module, old_code: oldCode } = unit;
  const prompts = [
    { message: "Log reads" },
    { message: "Log reads", file: "src/store.rs" },
    { message: "Log reads", file: "src/store.rs", module: module ?? "" },
    {
      message: "Log reads",
      file: "src/store.rs",
      module: module ?? "",
      changeType: unit.change_type,
      oldCode: oldCode ?? "",
    },
  ];
  const lengths = prompts.map((prompt) => {
    const text = renderPrompt(prompt, "tokens");
    expect(whole.startsWith(text)).toBe(true);
    return text.length;
  });
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  expect(new Set(lengths).size).toBe(4);

  const overview = spell(
    renderOverview({ subject: "Log reads", body: "", files: [{ path: "a", changeTypes: [] }] }),
  ); // prettier-ignore
  expect(overview.startsWith(renderPrompt({ message: "Log reads", ask: "files" }, "tokens"))).toBe(
    true,
  ); // prettier-ignore
});

test("a prompt in plain text has no structural token", () => {
  const text = renderPrompt({ message: "Log reads", file: "a.rs", changeType: "bug_fix" }, "plain");
  expect(text).toBe("commit: Log reads\nfile: a.rs\nchange: bug_fix\nafter:\n```\n");
});
