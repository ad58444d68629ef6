import { expect, test } from "vitest";
import {
  decodeBytes,
  encodeDocument,
  encoderOf,
  LOSS_WEIGHTS,
  type Piece,
  RENDERINGS,
  type RenderedChunk,
} from "../src/index.ts";
import { realVocabulary } from "./vocabulary.ts";

const encoder = encoderOf(realVocabulary(), "trained");
const { semantic } = RENDERINGS;
const record = (oldCode: string | null, newCode: string | null): RenderedChunk => ({
  chunk_id: "0123456789ab_0",
  file_path: "src/a.ts",
  old_file_path: null,
  change_category: "M",
  module_path: null,
  section: null,
  change_type: "modified_function",
  old_code: oldCode,
  new_code: newCode,
  patch: (newCode ?? "").replace(/^/gm, "+"),
});
const chunk = (oldCode: string | null, newCode: string | null, message = "Change it") =>
  semantic.units({ message }, [record(oldCode, newCode)]);
const textOf = (ids: Iterable<number>) => Buffer.from(decodeBytes(encoder, ids)).toString();
const lines = (count: number) => Array.from({ length: count }, (_, i) => `const v${i} = ${i};\n`);
/** Ids between two structural tokens. */
function between(ids: readonly number[], start: "<OLD_START>" | "<CODE_START>") {
  const end = start === "<OLD_START>" ? "<OLD_END>" : "<CODE_END>";
  const from = ids.indexOf(encoder.structure(start)[0] ?? -1);
  return ids.slice(from + 1, ids.indexOf(encoder.structure(end)[0] ?? -1));
}

test("content is encoded as one text, whatever its weights", () => {
  const pieces: Piece[] = [
    {
      kind: "text",
      parts: [
        { text: "expor", weight: 10 },
        { text: "t const a", weight: 100 },
      ],
    },
  ];
  const { ids, weights } = encodeDocument(pieces, encoder, 100);
  expect(ids).toEqual(encoder.encode("export const a"));
  expect(weights).toEqual([10, ...ids.slice(1).map(() => 100)]);
});

test("each line's tokens weigh what the line weighs", () => {
  const { ids, weights } = encodeDocument(
    chunk("const naïve = 1;\nreturn;\n", "const naïve = 1;\nadded(日本);\nreturn;\n"),
    encoder,
    1000,
  );
  const { addedLine, copiedLine } = LOSS_WEIGHTS;
  const code = between(ids, "<CODE_START>");
  const first = ids.indexOf(encoder.structure("<CODE_START>")[0] ?? -1) + 1;
  const part = (weight: number) => textOf(code.filter((_, i) => weights[first + i] === weight));
  expect(part(addedLine)).toBe("added(日本);\n");
  expect(part(copiedLine)).toBe("const naïve = 1;\nreturn;\n");
  expect(weights).toHaveLength(ids.length);
});

test("code before the change is cut first, then the end of the code after it", () => {
  const oldCode = lines(12).join("");
  const newCode = lines(30).join("");
  const whole = encodeDocument(chunk(oldCode, newCode), encoder, 10_000);
  expect(whole.isTruncated).toBe(false);
  expect(textOf(between(whole.ids, "<OLD_START>"))).toBe(oldCode);
  expect(textOf(between(whole.ids, "<CODE_START>"))).toBe(newCode);

  const shorter = encodeDocument(chunk(oldCode, newCode), encoder, whole.ids.length - 10);
  expect(shorter.ids).toHaveLength(whole.ids.length - 10);
  expect(shorter.isTruncated).toBe(false);
  expect(oldCode.startsWith(textOf(between(shorter.ids, "<OLD_START>")))).toBe(true);
  expect(textOf(between(shorter.ids, "<CODE_START>"))).toBe(newCode);

  const short = encodeDocument(chunk(oldCode, newCode), encoder, 80);
  expect(short.ids).toHaveLength(80);
  expect(short.weights).toHaveLength(80);
  expect(short.isTruncated).toBe(true);
  expect(between(short.ids, "<OLD_START>")).toEqual([]);
  expect(newCode.startsWith(textOf(between(short.ids, "<CODE_START>")))).toBe(true);
  expect(short.ids.at(-1)).toBe(encoder.vocabulary.document_end_id);
});

test("code before the change is bounded even where there is room", () => {
  const { ids, isTruncated } = encodeDocument(chunk(lines(500).join(""), "x"), encoder, 100_000);
  expect(between(ids, "<OLD_START>")).toHaveLength(192);
  expect(isTruncated).toBe(false);
});

test("a list of files that is too long ends with the document's end", () => {
  const files = lines(40).map((path) => ({ path, letter: "M", changeTypes: [] }));
  const overview = semantic.overview({ message: "Sweep" }, files);
  const { ids, weights, isTruncated } = encodeDocument(overview, encoder, 100);
  expect(ids).toHaveLength(100);
  expect(weights).toHaveLength(100);
  expect(isTruncated).toBe(true);
  expect(ids.at(-1)).toBe(encoder.vocabulary.document_end_id);
  expect(ids[0]).toBe(encoder.structure("<COMMIT_START>")[0]);
});

test("a huge subject leaves room for the change", () => {
  const pieces = chunk(null, "fn a() {}\n", "words without end ".repeat(1000));
  const { ids } = encodeDocument(pieces, encoder, 512);
  expect(textOf(between(ids, "<CODE_START>"))).toBe("fn a() {}\n");
});

test("a diff that is too long ends with the document's end", () => {
  const pieces = RENDERINGS["diff-aware"].units({ message: "" }, [record("", lines(99).join(""))]);
  const { ids, weights, isTruncated } = encodeDocument(pieces, encoder, 200);
  expect(ids).toHaveLength(200);
  expect(weights).toHaveLength(200);
  expect(isTruncated).toBe(true);
  expect(ids.at(-1)).toBe(encoder.vocabulary.document_end_id);
  expect(textOf(ids)).toContain(lines(9).join(""));
});
