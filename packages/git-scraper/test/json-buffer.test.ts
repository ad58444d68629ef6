import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { JsonBuffer } from "../src/output/json-buffer.ts";

const SLICE = 1 << 16;

const ascii = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code)).join("");
const alphabets = [ascii, "abcdefghijklmnop\n", '"\\\n\t\0', 'é\u2028€😀"x', "x"];

test("a string of any text is as JSON.stringify writes it, wherever it begins and ends", () => {
  const random = seededRandom(1);
  const json = new JsonBuffer();
  for (let round = 0; round < 3000; round += 1) {
    const alphabet = [...(alphabets[round % alphabets.length] ?? "")];
    const texts = Array.from({ length: 3 }, () =>
      Array.from({ length: random.below(40) }, () => alphabet[random.below(alphabet.length)]).join(
        "",
      ),
    );
    for (const text of texts) {
      json.string(Buffer.from(text));
      json.text(",");
    }
    const expected = `${texts.map((text) => JSON.stringify(text)).join(",")},`;
    if (json.view().toString() !== expected) expect(json.view().toString()).toBe(expected);
    expect(json.length).toBe(Buffer.byteLength(expected));
    json.clear();
  }
});

test.each([SLICE - 1, SLICE, SLICE + 1, 3 * SLICE + 5, 10 << 20])(
  "%i bytes, each of which becomes six, and text around them",
  (length) => {
    const json = new JsonBuffer();
    json.text("é[");
    json.string(Buffer.alloc(length, 1));
    json.text("]");
    expect(json.length).toBe(6 * length + 6);
    const expected = Buffer.from(`é["${"\\u0001".repeat(length)}"]`);
    expect(json.view().equals(expected)).toBe(true);
    json.clear();
    json.string(Buffer.from("again"));
    expect(json.view().toString()).toBe('"again"');
  },
);
