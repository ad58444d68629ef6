import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinyModel } from "@repotune/test-kit/models";
import { seededRandom } from "@repotune/test-kit/random";
import { afterAll, expect, test } from "vitest";
import { sentencePieceVocabulary } from "../check/sentencepiece-vocabulary.mjs";
import { bytesEncoder, decodeBytes, encoderOf, loadGgufVocabulary } from "../src/index.ts";
import { type LlamaVocabulary, openLlamaVocabulary } from "../src/vocabulary/llama-cpp.ts";
import { randomText } from "./random.ts";
import { realTexts } from "./real-text.ts";
import { realVocabulary } from "./vocabulary.ts";

const learned = encoderOf(realVocabulary(2048), "trained").tokenBytes;

const folder = mkdtempSync(join(tmpdir(), "repotune-test-"));
const opened: LlamaVocabulary[] = [];
afterAll(async () => {
  for (const llama of opened) await llama.dispose();
  rmSync(folder, { recursive: true });
});

async function both(options?: Parameters<typeof sentencePieceVocabulary>[1]) {
  const vocabulary = sentencePieceVocabulary(learned, options);
  const path = await tinyModel({ vocabulary, layers: 1, folder, name: `${opened.length}` });
  const notices: string[] = [];
  const ours = await loadGgufVocabulary(path, { onNotice: (notice) => notices.push(notice) });
  const llama = await openLlamaVocabulary(path);
  opened.push(llama);
  return { ours, llama, notices };
}

const plain = await both();

/** Real code and random text without U+2581, which llama.cpp takes for a space. */
function texts(): string[] {
  const random = seededRandom(41);
  return [
    ...realTexts().map((text) => text.replaceAll("\u2581", "")),
    ...Array.from({ length: 300 }, () => randomText(random.uniform, random.below(120))),
  ];
}

test("ids are those of llama.cpp, merged by score and spelled in bytes", () => {
  const { ours, llama, notices } = plain;
  expect(notices).toEqual([]);
  for (const text of texts()) expect(ours.encode(text)).toEqual(llama.encode(text));
  expect(ours.encode("日")).toEqual([3 + 0xe6, 3 + 0x97, 3 + 0xa5]);
});

test("where llama.cpp puts a space before every text, ids are those of the text without it", async () => {
  const { ours, llama, notices } = await both({ addSpacePrefix: true });
  expect(notices).toEqual([]);
  for (const text of texts()) {
    if (text !== "") expect(ours.encode(` ${text}`)).toEqual(llama.encode(text));
  }
});

test("pieces added for plain text are found first, as llama.cpp does", async () => {
  const { ours, llama } = await both({ literals: ["        ", "▁▁▁▁", "\n\n", "return "] });
  const runs = Array.from({ length: 30 }, (_, length) => `${" ".repeat(length)}x\n\n\n`);
  for (const text of [...texts(), ...runs]) expect(ours.encode(text)).toEqual(llama.encode(text));
});

test("decode gives every byte string back, also a word boundary's own character", () => {
  const { ours } = plain;
  const encode = bytesEncoder(ours);
  const random = seededRandom(43);
  const strings = [
    ...texts().map((text) => Buffer.from(text)),
    ...Array.from({ length: 300 }, () =>
      Buffer.from(Array.from({ length: random.below(60) }, () => random.below(256))),
    ),
    Buffer.from("a\u2581b \u2581\u2581"),
  ];
  for (const bytes of strings) {
    expect(Buffer.from(decodeBytes(ours, encode(bytes))).equals(bytes)).toBe(true);
  }
});

test.each([
  ["a word of a megabyte", "return".repeat(170_000)],
  ["a million spaces", `${" ".repeat(1_000_000)}x`],
  ["a million characters that are no pieces", "日".repeat(1_000_000)],
])(
  "%s takes no time to speak of",
  async (_, text) => {
    const { ours } = plain;
    const before = process.cpuUsage().user;
    const ids = ours.encode(text);
    expect((process.cpuUsage().user - before) / 1e6).toBeLessThan(20);
    expect(Buffer.from(decodeBytes(ours, ids)).toString() === text).toBe(true);
  },
  60_000,
);
