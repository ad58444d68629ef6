import { tinyModel } from "@repotune/test-kit/models";
import { expect, onTestFinished, test } from "vitest";
import { encodeRendered, loadGgufVocabulary } from "../src/index.ts";
import { type GgufEntries, ggufEntries } from "./gguf-entries.ts";
import { documentsOf, readIds, smallCommit } from "./small-history.ts";
import { baseVocabulary } from "./vocabulary.ts";

type Entry = GgufEntries extends Iterable<infer Item> ? Item : never;

/** A GGUF with these special tokens, the last of which ends a text, and further metadata. */
async function load(special: readonly string[], further: readonly Entry[] = []) {
  const json = baseVocabulary(special);
  const ids = json.added_tokens.map(({ id }) => id);
  const entries = [...ggufEntries(json, ids)].filter(([key]) => !key.endsWith("eos_token_id"));
  const eos: Entry = ["tokenizer.ggml.eos_token_id", { type: "u32", value: special.length - 1 }];
  const encoder = await loadGgufVocabulary(
    await tinyModel({ vocabulary: [...entries, eos, ...further], layers: 1 }),
  );
  onTestFinished(async () => encoder.dispose?.());
  return encoder;
}

const idKey = (name: string, value: number): Entry => [
  `tokenizer.ggml.${name}_token_id`,
  { type: "u32", value },
];

test("a GGUF's tokens for filling in are found by their names", async () => {
  const encoder = await load(["<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<|endoftext|>"]);
  expect(encoder.fim).toEqual({ prefix: 0, suffix: 2, middle: 1, layouts: ["PSM", "SPM"] });
  const holeOf = () => ({ layout: "SPM", start: 2, end: 5 }) as const;
  const [, document] = await documentsOf(smallCommit(), { holeOf });
  if (!document) throw new Error("No document.");
  const { encoded, hasHole } = encodeRendered(document, encoder, 1000);
  expect(hasHole).toBe(true);
  const text = readIds(
    encoder,
    encoded.flatMap(({ ids }) => ids),
  );
  expect(text).toBe(
    "commit: Log reads of blocks\nfile: src/store.rs\nmodule: ledger::store::tests\nchange: new_test\n" +
      "after:\n```\n<fim_prefix><fim_suffix>t]\nfn reads_are_logged() {\n    assert_eq!(get(1), 2);\n}\n" +
      "<fim_middle>#[tes\n```\n<|endoftext|>",
  );
});

test("or as the file names them, now or once", async () => {
  const special = ["<a>", "<b>", "<c>", "</s>"];
  const named = { prefix: 0, suffix: 1, middle: 2, layouts: ["PSM"] };
  const now = [idKey("fim_pre", 0), idKey("fim_suf", 1), idKey("fim_mid", 2)];
  expect((await load(special, now)).fim).toEqual(named);
  const once = [idKey("prefix", 0), idKey("suffix", 1), idKey("middle", 2)];
  expect((await load(special, once)).fim).toEqual(named);
  expect((await load(special, now.slice(1))).fim).toBeUndefined();
});
