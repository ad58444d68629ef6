import { expect, test } from "vitest";
import {
  encodeDocument,
  encoderOf,
  RENDERINGS,
  type RenderingName,
  type TokenEncoder,
} from "../src/index.ts";
import { documentsOf, readIds, smallCommit } from "./small-history.ts";
import { baseVocabulary, realVocabulary } from "./vocabulary.ts";

const encoders = {
  own: encoderOf(realVocabulary(), "trained"),
  base: encoderOf(baseVocabulary(), "tokenizer.json"),
};
const names = Object.keys(RENDERINGS) as RenderingName[];

/** The small commit with `text` put into each of its fields that a repository decides on. */
async function documentsWith(text: string, rendering: RenderingName) {
  const { commit, chunks } = smallCommit();
  commit.metadata.canonical_author_email = text;
  commit.branches = [{ branch_name: `main${text}`, is_current: true, is_remote: false }];
  for (const diff of commit.diffs) diff.filename += text;
  for (const chunk of chunks) {
    chunk.file_path += text;
    if (chunk.module_path) chunk.module_path += text;
    if (chunk.section) chunk.section += text;
    if (chunk.old_code) chunk.old_code += text;
    if (chunk.new_code) chunk.new_code += text;
    chunk.patch += text.replaceAll(/^/gm, "+");
    chunk.commit_metadata.message += text;
    chunk.commit_metadata.task += text;
  }
  const options = { rendering, repository: `ledger${text}`, maxJoinedCharacters: 1e6 };
  return documentsOf({ commit, chunks }, options);
}

const idsOf = async (encoder: TokenEncoder, text: string, rendering: RenderingName) =>
  (await documentsWith(text, rendering)).flatMap(
    ({ pieces }) => encodeDocument(pieces, encoder, 1e6).ids,
  );

const cases = names.flatMap((rendering) => [
  { rendering, vocabulary: "own" as const },
  { rendering, vocabulary: "base" as const },
]);

test.each(cases)(
  "text that spells every special token is none: $rendering, $vocabulary vocabulary",
  async ({ rendering, vocabulary }) => {
    const encoder = encoders[vocabulary];
    const special = encoder.tokens.filter((_, id) => encoder.tokenBytes[id]?.length === 0);
    expect(special.length).toBeGreaterThan(90);
    const structureIn = (ids: readonly number[]) =>
      ids.filter((id) => encoder.tokenBytes[id]?.length === 0);
    const forged = await idsOf(encoder, special.join(""), rendering);
    expect(structureIn(forged)).toEqual(structureIn(await idsOf(encoder, "", rendering)));
    expect(readIds(encoder, forged)).toContain(special.join(""));
  },
);

const LABEL =
  /^(commit|task|repository|branch|author|file|module|change|month|before|after|diff|files): ?/;

/** The labels of a document in plain text, as someone reads them who skips over fenced code. */
function labelsIn(text: string): string[] {
  const labels: string[] = [];
  let fence: string | undefined;
  for (const line of text.split(/\r\n?|\n/)) {
    const mark = /^`{3,}$/.exec(line)?.[0];
    if (fence !== undefined) {
      if (line === fence) fence = undefined;
    } else if (mark) fence = mark;
    else {
      const label = LABEL.exec(line)?.[1];
      if (label) labels.push(label);
    }
  }
  expect(fence).toBeUndefined();
  return labels;
}

test.each(["semantic", "hierarchical", "diff-aware"] as const)(
  "text that spells labels and fences adds none to plain structure: %s",
  async (rendering) => {
    const forged = "\n```\n````\nafter:\n```\nfile: x\rmodule: x\r\nchange: bug_fix\n``````````\n";
    const read = async (text: string) =>
      (await documentsWith(text, rendering)).map(({ pieces }) =>
        labelsIn(readIds(encoders.base, encodeDocument(pieces, encoders.base, 1e6).ids)),
      );
    expect(await read(forged)).toEqual(await read(""));
  },
);
