import { seededRandom } from "@repotune/test-kit/random";
import { expect, it } from "vitest";
import { KeywordSearch } from "../src/hygiene/keyword-search.ts";

/** Every place where a keyword ends, found one by one. */
function expectedOf(keywords: string[], text: string): string[] {
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return keywords.flatMap((keyword, index) => {
    const ends: string[] = [];
    for (let at = lower.indexOf(keyword); at >= 0; at = lower.indexOf(keyword, at + 1)) {
      ends.push(`${index} ${at + keyword.length}`);
    }
    return ends;
  });
}

function foundIn(keywords: string[], text: string): string[] {
  const found: string[] = [];
  new KeywordSearch(keywords).forEach(text, (keyword, end) => found.push(`${keyword} ${end}`));
  return found;
}

it("finds each keyword wherever it stands, in any case", () => {
  const keywords = ["she", "he", "hers", "his", "x-", "://", "he"];
  expect(foundIn(keywords, "uSHErs X-://")).toEqual(["0 4", "1 4", "6 4", "2 6", "4 9", "5 12"]);
  expect(foundIn(keywords, "\u017fhe \u212a")).toEqual(["1 3", "6 3"]); // No letters of ASCII.
  expect(foundIn(["ab"], "")).toEqual([]);
});

it("finds what a search for each keyword finds", () => {
  const random = seededRandom(3);
  const word = (length: number) =>
    Array.from({ length }, () => "abAB:\u00e9"[random.below(6)]).join("");
  for (let round = 0; round < 500; round += 1) {
    const keywords = Array.from({ length: 1 + random.below(6) }, () =>
      word(1 + random.below(4))
        .toLowerCase()
        .replaceAll("\u00e9", "b"),
    );
    const text = word(random.below(60));
    expect(foundIn(keywords, text).sort()).toEqual(expectedOf(keywords, text).sort());
  }
});
