import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { characterDecoder } from "../src/commit/character-set.ts";

const range = (from: number, to: number) =>
  Buffer.from(Array.from({ length: to - from }, (_, index) => from + index));
const high = range(0xa0, 0x100);
const controls = Buffer.concat([range(0x80, 0xa0), high]);
const multibyte = Buffer.from([0xa4, 0xa4, 0x20, 0xb0, 0xa1]);

test.each([
  ["ISO-8859-1", controls],
  ["iso8859-1", controls],
  ["latin-1", controls],
  ["LATIN1", controls],
  ["ISO-8859-2", controls],
  ["ISO-8859-9", controls],
  ["ISO-8859-15", controls],
  ["windows-1252", Buffer.concat([Buffer.from([0x80, 0x85, 0x93, 0x9f]), high])],
  ["CP1252", Buffer.from([0x81])],
  ["CP1251", high],
  ["KOI8-R", high],
  ["EUC-JP", multibyte],
  ["Shift_JIS", Buffer.from([0x93, 0xfa, 0x96, 0x7b])],
  ["GBK", multibyte],
  ["EUC-KR", multibyte],
  ["US-ASCII", high],
  ["x-no-such", high],
])("a message in %s reads as git shows it", (name, bytes) => {
  const repository = gitRepository();
  const message = Buffer.concat([Buffer.from("<"), bytes, Buffer.from(">")]);
  repository.commit(message, {}, { headers: `encoding ${name}\n` });
  const shown = repository.gitBytes(["log", "-1", "--encoding=UTF-8", "--format=%s"]);
  const text = characterDecoder(name)?.(message);
  // What git cannot convert it shows as it is.
  const expected = text === undefined ? message : Buffer.from(text);
  expect(expected.toString("latin1")).toBe(shown.subarray(0, -1).toString("latin1"));
});
