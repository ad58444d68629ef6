import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { vocabularyHash } from "@repotune/schema";
import { tinyModel } from "@repotune/test-kit/models";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, onTestFinished, test } from "vitest";
import {
  decodeBytes,
  encodeDocument,
  encoderOf,
  loadGgufVocabulary,
  RENDERINGS,
  STRUCTURE_TOKENS,
} from "../src/index.ts";
import { openLlamaVocabulary } from "../src/vocabulary/llama-cpp.ts";
import { type GgufEntries, ggufEntries } from "./gguf-entries.ts";
import { randomText } from "./random.ts";
import { realTexts } from "./real-text.ts";
import { realVocabulary } from "./vocabulary.ts";

async function load(path: string) {
  const encoder = await loadGgufVocabulary(path);
  onTestFinished(async () => encoder.dispose?.());
  return encoder;
}

const json = realVocabulary();
const ours = encoderOf(json, "trained");
const specialIds = json.added_tokens.map(({ id }) => id);
const ownModel = () => tinyModel({ vocabulary: ggufEntries(json, specialIds), layers: 1 });
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

test("llama.cpp gives our ids for a GGUF that holds our vocabulary", async () => {
  const path = await ownModel();
  const loaded = await load(path);
  expect(loaded.vocabulary).toEqual({ ...ours.vocabulary, kind: "gguf" });
  expect(loaded.tokenBytes.map(text)).toEqual(ours.tokenBytes.map(text));
  for (const source of realTexts()) expect(loaded.encode(source)).toEqual(ours.encode(source));
  const theirs = await openLlamaVocabulary(path);
  onTestFinished(() => theirs.dispose());
  for (const source of realTexts()) expect(theirs.encode(source)).toEqual(ours.encode(source));
  const random = seededRandom(23);
  for (let round = 0; round < 300; round++) {
    const sample = `${randomText(random.uniform, random.below(100))}${round % 3 ? "" : "\ufeff\u0085\u2028x"}`; // prettier-ignore
    expect(theirs.encode(sample)).toEqual(ours.encode(sample));
  }
});

test("structure in a text stays text, and is made of the model's own tokens otherwise", async () => {
  const theirs = await load(await ownModel());
  expect(theirs.spelling).toBe("tokens");
  for (const token of STRUCTURE_TOKENS) {
    expect(theirs.structure(token)).toEqual(ours.structure(token));
    expect(theirs.encode(token)).toEqual(ours.encode(token));
  }
});

test("a model that knows no structure gets it as plain text, closed by its own end", async () => {
  const foreign = JSON.parse(JSON.stringify(json).replaceAll("<COMMIT_END>", "<|endoftext|>"));
  const encoder = await load(await tinyModel({ vocabulary: ggufEntries(foreign, [4]), layers: 1 }));
  expect(encoder.spelling).toBe("plain");
  const { ids } = encodeDocument(
    RENDERINGS.semantic.units({ message: "Fix it <|endoftext|>" }, [
      {
        chunk_id: "0123456789ab_0",
        file_path: "src/a.rs",
        old_file_path: null,
        change_category: "M",
        module_path: "crate::a",
        section: null,
        change_type: "bug_fix",
        old_code: "one();",
        new_code: "two();",
        patch: "",
      },
    ]),
    encoder,
    500,
  );
  expect(text(decodeBytes(encoder, ids))).toBe(
    "commit: Fix it <|endoftext|>\nfile: src/a.rs\nmodule: crate::a\nchange: bug_fix\n" +
      "before:\n```\none();\n```\nafter:\n```\ntwo();\n```\n",
  );
  expect(ids.indexOf(4)).toBe(ids.length - 1);
});

test("a SentencePiece vocabulary spells any text, without a space of its own", async () => {
  const encoder = await load(await tinyModel({ vocabulary: 400, layers: 1 }));
  expect(encoder.vocabulary).toMatchObject({ kind: "gguf", vocab_size: 400, document_end_id: 2 });
  for (const sample of ["abc def", "  fn a() {\n\tb\n}", "naïve 日本 🙂", "</s><s>", "\n\n x"]) {
    const ids = encoder.encode(sample);
    expect(text(decodeBytes(encoder, ids))).toBe(sample);
    expect(ids).not.toContain(2);
  }
  const [first] = encoder.structure("<MESSAGE_START>");
  expect(text(encoder.tokenBytes[first ?? 0] ?? new Uint8Array())).toBe("c");
});

test("the vocabulary's identity is that of its tokens", async () => {
  const encoder = await load(await ownModel());
  const tokens = Object.entries(json.model.vocab as Record<string, number>).sort(
    ([, a], [, b]) => a - b,
  ); // prettier-ignore
  expect(encoder.vocabulary.vocabulary_hash).toBe(vocabularyHash(tokens.map(([token]) => token)));
});

const fails = (path: string, code: string) =>
  expect(loadGgufVocabulary(path)).rejects.toMatchObject({ code });

test("what is no usable GGUF is refused", async () => {
  await fails("/nowhere/model.gguf", "E_NOT_FOUND");
  const path = join(temporaryFolder(), "model.gguf");
  await writeFile(path, "not a model");
  await fails(path, "E_INPUT");
  await writeFile(path, "GGUF is not what this is");
  await fails(path, "E_UNSUPPORTED");
  await fails(await tinyModel({ vocabulary: wordPiece(), layers: 1 }), "E_UNSUPPORTED");
});

test("a GGUF that is cut off anywhere is refused", async () => {
  const bytes = await readFile(await ownModel());
  const path = join(temporaryFolder(), "cut.gguf");
  for (const length of [6, 23, 100, 5_000, 15_000]) {
    await writeFile(path, bytes.subarray(0, length));
    await fails(path, "E_TRUNCATED");
  }
  await writeFile(path, bytes.subarray(0, 300_000));
  await fails(path, "E_INPUT"); // Only weights are missing, and llama.cpp finds that.
});

const wordPiece = (): GgufEntries =>
  [...ggufEntries(json, specialIds)].map(([key, value]) =>
    key === "tokenizer.ggml.model" ? [key, { type: "string", value: "bert" }] : [key, value],
  );
