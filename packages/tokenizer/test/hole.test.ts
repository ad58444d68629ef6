import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import {
  drawHole,
  encodeDocument,
  encodeRendered,
  encoderOf,
  type FimLayout,
  findFimTokens,
  LOSS_WEIGHTS,
  type Piece,
  RENDERINGS,
  type TokenEncoder,
} from "../src/index.ts";
import { randomText } from "./random.ts";
import { documentsOf, readIds, smallCommit } from "./small-history.ts";
import { spell } from "./spell.ts";
import { baseVocabulary, realVocabulary } from "./vocabulary.ts";

const own = encoderOf(realVocabulary(), "trained");
const base = encoderOf(baseVocabulary(), "tokenizer.json");
const codestral = encoderOf(
  baseVocabulary(["[PREFIX]", "[MIDDLE]", "[SUFFIX]", "</s>"]),
  "tokenizer.json",
);
const BOTH: FimLayout[] = ["PSM", "SPM"];
const unit = (chunk_id: string, new_code: string | null) => ({ chunk_id, new_code });
const ids = Array.from({ length: 2_000 }, (_, i) => `${i.toString(16).padStart(12, "0")}_${i}`);

test("the share of units with a hole is the rate, and half of them are of each layout", () => {
  const holes = (rate: number) =>
    ids.flatMap((id) => drawHole(unit(id, "fn a() {}"), rate, BOTH) ?? []);
  expect(holes(0)).toEqual([]);
  expect(holes(1)).toHaveLength(ids.length);
  const some = holes(0.3);
  expect(some.length / ids.length).toBeCloseTo(0.3, 1);
  expect(some.filter(({ layout }) => layout === "SPM").length / some.length).toBeCloseTo(0.5, 1);
});

test("the lot falls by the chunk's id", () => {
  const draw = (id: string) => drawHole(unit(id, "fn a() { b() }"), 1, BOTH);
  expect(draw("a_1")).toEqual(draw("a_1"));
  const different = new Set(ids.map((id) => JSON.stringify(draw(id))));
  expect(different.size).toBeGreaterThan(150);
});

test("both ends of a hole are anywhere in the text, its own ends among them", () => {
  const starts = new Set<number>();
  const ends = new Set<number>();
  for (const id of ids) {
    const hole = drawHole(unit(id, "0123456789"), 1, BOTH);
    starts.add(hole?.start ?? -1);
    ends.add(hole?.end ?? -1);
    expect(hole?.start).toBeLessThanOrEqual(hole?.end ?? -1);
  }
  expect([...starts].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(ends).toEqual(starts);
});

test("a unit without code after the change has no hole", () => {
  expect(drawHole(unit("a", null), 1, BOTH)).toBeUndefined();
  expect(drawHole(unit("a", ""), 1, BOTH)).toBeUndefined();
});

/** The code of a document with a hole, put together again by its marks. */
function filled(text: string, { fim, tokens }: TokenEncoder, layout: FimLayout): string {
  const name = (id: number | null | undefined) => tokens[id ?? -1] ?? "";
  const [prefix, suffix, middle] = [fim?.prefix, fim?.suffix, fim?.middle].map(name) as [
    string,
    string,
    string,
  ];
  const between = (start: string, end: string) =>
    text.slice(text.indexOf(start) + start.length, text.indexOf(end));
  if (layout === "PSM") {
    return (
      between(prefix, suffix) +
      text.slice(text.indexOf(middle) + middle.length) +
      between(suffix, middle)
    );
  }
  const last = layout === "SPM" ? middle : prefix;
  return text.slice(text.indexOf(last) + last.length) + between(suffix, last);
}

test.each([
  ["own", own, "PSM"],
  ["own", own, "SPM"],
  ["Qwen's", base, "PSM"],
  ["Codestral's", codestral, "SP"],
] as const)("no byte is lost to a hole: %s vocabulary, %s", (_, encoder, layout) => {
  expect(encoder.fim?.layouts).toContain(layout);
  const random = seededRandom(7);
  for (const id of ids.slice(0, 150)) {
    const code = `${randomText(random.uniform, random.below(60))}🙂é日\n`;
    const hole = drawHole(unit(id, code), 1, [layout]);
    const chunk = { ...smallCommit().chunks[1], new_code: code } as Parameters<
      typeof RENDERINGS.semantic.units
    >[1][0];
    const pieces = RENDERINGS.semantic.units({ message: "Fill it in" }, [chunk], () => hole);
    const from = pieces.findIndex(
      ({ kind, ...piece }) =>
        kind === "structure" && "token" in piece && piece.token.startsWith("<FIM_"),
    );
    const whole = readIds(encoder, encodeDocument(pieces.slice(from, -2), encoder, 1e6).ids);
    expect(filled(whole, encoder, layout)).toBe(code);
  }
});

test("lines keep their weights in a hole, whose marks have none", () => {
  const [first] = smallCommit().chunks;
  if (!first) throw new Error("No chunk.");
  const hole: ReturnType<typeof drawHole> = { layout: "SPM", start: 10, end: 40 };
  const weights = (pieces: readonly Piece[]) => {
    const sums = new Map<number, string>();
    for (const piece of pieces.slice(
      pieces.findIndex((p) => "token" in p && p.token === "<CODE_START>"),
    )) {
      if (piece.kind === "structure") continue;
      for (const { text, weight } of piece.parts) sums.set(weight, (sums.get(weight) ?? "") + text);
    }
    return new Map([...sums].map(([weight, text]) => [weight, [...text].sort().join("")]));
  };
  const commit = { message: "Log" };
  const holed = RENDERINGS.semantic.units(commit, [first], () => hole);
  expect(weights(holed)).toEqual(weights(RENDERINGS.semantic.units(commit, [first])));
  const marks = holed.filter((piece) => "token" in piece && piece.token.startsWith("<FIM_"));
  expect(marks.map(({ kind, ...mark }) => mark)).toEqual([
    { token: "<FIM_PREFIX>", weight: LOSS_WEIGHTS.hole },
    { token: "<FIM_SUFFIX>", weight: LOSS_WEIGHTS.hole },
    { token: "<FIM_MIDDLE>", weight: LOSS_WEIGHTS.hole },
  ]);
});

test("hierarchical documents have holes in the units that drew one", async () => {
  const [document] = await documentsOf(smallCommit(), {
    rendering: "hierarchical",
    holeOf: ({ chunk_id }) =>
      chunk_id.endsWith("_1") ? { layout: "PSM", start: 3, end: 7 } : undefined,
  });
  expect(spell(document?.withHoles ?? [])).toContain(
    "<CODE_START><FIM_PREFIX>#[t<FIM_SUFFIX>\nfn reads_are_logged() {\n    assert_eq!(get(1), 2);\n}\n" +
      "<FIM_MIDDLE>est]<CODE_END>",
  );
  expect(spell(document?.withHoles ?? []).match(/<FIM_MIDDLE>/g)).toHaveLength(1);
  expect(spell(document?.pieces ?? [])).not.toContain("<FIM_");
});

test("where there is no room, a document is whole and has no hole", async () => {
  const holeOf = () => ({ layout: "PSM", start: 3, end: 9 }) as const;
  const [document] = await documentsOf(smallCommit(), { holeOf });
  if (!document) throw new Error("No document.");
  const roomy = encodeRendered(document, own, 1000);
  expect(roomy.hasHole).toBe(true);
  const length = roomy.encoded.reduce((sum, part) => sum + part.ids.length, 0);
  const old = roomy.encoded.find(({ piece }) => piece.kind === "text" && piece.cut === 2);
  const tight = encodeRendered(document, own, length - (old?.ids.length ?? 0) - 1);
  expect(tight.hasHole).toBe(false);
  expect(
    tight.encoded.every(({ piece }) => !("token" in piece) || !piece.token.startsWith("<FIM_")),
  ).toBe(true);
});

test.each([
  ["StarCoder 2", ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"], ["PSM", "SPM"]],
  ["Qwen2.5-Coder", ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"], ["PSM"]],
  ["DeepSeek-Coder", ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"], ["PSM"]],
  ["CodeLlama", ["▁<PRE>", "▁<SUF>", "▁<MID>"], ["PSM", "SPM"]],
])("the tokens of %s are known", (_, tokens, layouts) => {
  const special = new Map(tokens.map((token, i) => [token, 70 + i]));
  expect(findFimTokens(special)).toEqual({ prefix: 70, suffix: 71, middle: 72, layouts });
  for (const token of tokens) {
    expect(findFimTokens(new Map([...special].filter(([name]) => name !== token)))).toBeUndefined();
  }
});

test("Codestral has no use for a middle", () => {
  expect(codestral.fim).toEqual({ prefix: 0, suffix: 2, middle: null, layouts: ["SP"] });
});

test("tokens that a GGUF names are used if they are special", () => {
  const special = new Map([5, 6, 7].map((id) => [`<new_${id}>`, id]));
  expect(findFimTokens(special, { prefix: 5, suffix: 6, middle: 7 })).toEqual({
    prefix: 5,
    suffix: 6,
    middle: 7,
    layouts: ["PSM"],
  });
  expect(findFimTokens(special, { prefix: 5, suffix: 6, middle: 8 })).toBeUndefined();
  expect(findFimTokens(special, { prefix: 5, suffix: 6, middle: 2 ** 32 - 1 })).toBeUndefined();
});
