import { isUtf8 } from "node:buffer";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { bytesEncoder, decodeBytes, encoderOf, loadTokenizerJson } from "../src/index.ts";
import { utf8Parts } from "../src/vocabulary/utf8-parts.ts";
import { realVocabulary } from "./vocabulary.ts";

const encoder = encoderOf(realVocabulary(), "trained");
const encode = bytesEncoder(encoder);

/** Sequences at the edges of what UTF-8 allows. */
const EDGES = [
  [0x00],
  [0x7f],
  [0x80],
  [0xbf],
  [0xc0, 0x80], // U+0000 in two bytes
  [0xc1, 0xbf],
  [0xc2, 0x80],
  [0xdf, 0xbf],
  [0xe0, 0x9f, 0xbf], // in three instead of two
  [0xe0, 0xa0, 0x80],
  [0xed, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80], // a surrogate
  [0xef, 0xbf, 0xbf],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf0, 0x90, 0x80, 0x80],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80], // beyond U+10FFFF
  [0xf5, 0x80, 0x80, 0x80],
  [0xe2, 0x82], // cut off
  [0xf0, 0x9f, 0x99],
  [0xff],
  [0x66, 0x6e, 0x20],
];

/** Byte strings of all kinds: any bytes, and edges one behind the other. */
function* byteStrings(count: number): Generator<Buffer> {
  const random = seededRandom(61);
  for (let i = 0; i < count; i++) {
    const length = random.below(80);
    yield i % 2 === 0
      ? Buffer.from(Array.from({ length }, () => random.below(256)))
      : Buffer.from(Array.from({ length }, () => EDGES[random.below(EDGES.length)] ?? []).flat());
  }
}

test("decoding gives every byte string back", () => {
  for (const bytes of byteStrings(2_000)) {
    expect(Buffer.from(decodeBytes(encoder, encode(bytes))).equals(bytes)).toBe(true);
  }
});

test("what is UTF-8 has the ids of its text", () => {
  const text = "fn größe() -> 日本 { 🙂 }\n";
  expect(encode(Buffer.from(text))).toEqual(encoder.encode(text));
  const [broken] = encode(Buffer.of(0xff));
  expect(encode(Buffer.concat([Buffer.from(text), Buffer.of(0xff), Buffer.from(text)]))).toEqual([
    ...encoder.encode(text),
    broken,
    ...encoder.encode(text),
  ]);
});

test("bytes are text exactly where Node takes them for UTF-8", () => {
  for (const edge of EDGES) {
    const parts = [...utf8Parts(Buffer.from(edge))];
    expect(parts.every((part) => typeof part === "string")).toBe(isUtf8(Buffer.from(edge)));
  }
  for (const bytes of byteStrings(150)) {
    const parts = [...utf8Parts(bytes)];
    const back = parts.map((part) =>
      typeof part === "string" ? Buffer.from(part) : Buffer.of(part),
    );
    expect(Buffer.concat(back).equals(bytes)).toBe(true);
    // Nothing is a byte by itself that could be text: together with what follows it is not.
    for (const [i, part] of parts.entries()) {
      if (typeof part === "string") continue;
      const rest = Buffer.concat(back.slice(i));
      for (let end = 1; end <= 4; end++) expect(isUtf8(rest.subarray(0, end))).toBe(false);
    }
  }
});

test("a vocabulary that lacks a byte refuses what needs it, with its name", async () => {
  const path = join(temporaryFolder(), "tokenizer.json");
  const model = {
    type: "Unigram",
    unk_id: 0,
    vocab: [
      ["<unk>", 0],
      ["a", -1],
    ],
  }; // prettier-ignore
  const added_tokens = [{ id: 0, content: "<unk>", special: true }];
  await writeFile(path, JSON.stringify({ added_tokens, model }));
  const small = bytesEncoder(await loadTokenizerJson(path));
  expect(small(Buffer.from("a"))).toEqual([1]);
  expect(() => small(Buffer.of(0x61, 0xff))).toThrow(
    expect.objectContaining({
      code: "E_UNSUPPORTED",
      message: `${path} has no token for the byte FF.`,
    }),
  );
});
