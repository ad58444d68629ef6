import { expect, test } from "vitest";
import { decodeBytes, encoderOf } from "../src/index.ts";
import { realVocabulary } from "./vocabulary.ts";

const encoder = encoderOf(realVocabulary(), "trained");

test.each([
  ["a word of 12 MB", "return".repeat(2_000_000)],
  ["a word of 4.2 million two-byte characters", "日".repeat(4_200_000)],
  ["a word of characters of two units", "𝒜".repeat(1_200_000)],
  ["a million spaces before a word", `${" ".repeat(1_000_000)}x`],
  ["a million line feeds", "\n".repeat(1_000_000)],
  ["lines of spaces", " \r\n ".repeat(300_000)],
  ["a million emoji", "🙂".repeat(1_000_000)],
  ["families of emoji", "👩‍👩‍👧‍👦".repeat(100_000)],
  ["a letter under a million marks", `e${"\u0301".repeat(1_000_000)}`],
  ["two million digits", "7".repeat(2_000_000)],
  ["two million quotes", "'".repeat(2_000_000)],
  [
    "300,000 words met once",
    Array.from({ length: 300_000 }, (_, i) => `w${i.toString(36)}q`).join("\n"),
  ],
])(
  "%s is encoded without loss, in time that grows with its length",
  (_, text) => {
    const before = process.cpuUsage();
    const ids = encoder.encode(text);
    const { user, system } = process.cpuUsage(before);
    // A quadratic way takes hours. Some four seconds are enough for any of these on a slow machine.
    expect((user + system) / 1e6).toBeLessThan(30);
    expect(Buffer.from(decodeBytes(encoder, ids)).equals(Buffer.from(text))).toBe(true);
  },
  120_000,
);

test("lone surrogates, which UTF-8 cannot spell, become U+FFFD", () => {
  const ids = encoder.encode("a\ud800b\udc00");
  expect(Buffer.from(decodeBytes(encoder, ids)).toString()).toBe("a\ufffdb\ufffd");
});
