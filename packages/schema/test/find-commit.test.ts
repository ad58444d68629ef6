import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Commit,
  commitsLineagePath,
  findCommit,
  type Lineage,
  writeCommits,
} from "../src/index.ts";
import { temporaryFolder } from "./folder.ts";
import { commit, metadata, provenanceOf } from "./records.ts";

/** Ids of the history's commits, the oldest first. */
const IDS = ["aaaa1111", "aaaa2222", "bbbb3333", "cccc4444", "dddd5555"].map((id) => id.repeat(5));

const branch = (branch_name: string, is_current = false) => ({
  branch_name,
  is_current,
  is_remote: false,
});
const [main, feature] = [branch("main", true), branch("feature/x")];

/** `main` ends at the fourth commit, `feature/x` at the last. */
const history: Commit[] = IDS.map((hash, number) => {
  const record = commit(number);
  return {
    ...record,
    metadata: { ...record.metadata, hash, message: `Say ${number}` },
    branches: number === 2 ? [main] : number === 4 ? [feature] : [feature, main],
    tags: number === 1 ? ["v1.0"] : [],
    context: { ...record.context, has_tags: number === 1 },
  };
});

const lineage: Lineage = {
  ...provenanceOf(),
  branches: [feature, main],
  sets: [null, 0, 1, [1, 2]],
  commits: [
    [3, 2],
    [2, 1],
    [3, 1],
    [1, 1],
  ],
  tags: [[1, ["v1.0"]]],
  mailmap: [],
};

async function written(form: string): Promise<string> {
  const path = join(
    await temporaryFolder(),
    form === "document" ? "commits.json" : "commits.jsonl",
  );
  if (form === "lineage") {
    const lines = history.map(({ branches: _, tags: __, metadata, context, ...rest }) => {
      const { canonical_author: ___, canonical_author_email: ____, ...known } = metadata;
      const { has_tags: _____, ...facts } = context;
      const { schema_version, commit_number, diffs } = rest;
      return JSON.stringify({
        schema_version,
        commit_number,
        metadata: known,
        context: facts,
        diffs,
      });
    });
    await writeFile(path, `${lines.join("\n")}\n`);
    await writeFile(commitsLineagePath(path), JSON.stringify(lineage));
    return path;
  }
  const commits = async function* () {
    yield* history;
  };
  await writeCommits(path, commits(), provenanceOf(), () => metadata(history.length));
  return path;
}

describe.each(["lineage", "lines", "document"])("in a history as %s", (form) => {
  it.each([
    ["a whole id", IDS[2], 2],
    ["the beginning of an id", "bbbb", 2],
    ["capital letters", "CCCC4", 3],
    ["a branch", "feature/x", 4],
    ["a branch by its full name", "refs/heads/feature/x", 4],
    ["a tag", "v1.0", 1],
    ["HEAD", "HEAD", 3],
  ])("finds %s", async (_, revision, number) => {
    const found = await findCommit(await written(form), revision as string);
    expect(found).toEqual(history[number]);
  });

  it("names all commits that may be meant", async () => {
    await expect(findCommit(await written(form), "aaaa")).rejects.toMatchObject({
      code: "E_USAGE",
      message: expect.stringMatching(/^2 commits of .* begin with "aaaa"\.$/),
      hint: "Give more digits: aaaa1111aaaa (Say 0), aaaa2222aaaa (Say 1).",
    });
  });

  it("names what is near to what it does not find", async () => {
    const path = await written(form);
    await expect(findCommit(path, "cccc4440")).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      message: expect.stringContaining('has no commit "cccc4440"'),
      hint: "Near are: cccc4444cccc.",
    });
  });
});

it("names the branch that is near to one it does not find", async () => {
  await expect(findCommit(await written("lineage"), "feature/y")).rejects.toMatchObject({
    code: "E_NOT_FOUND",
    hint: "Near are: feature/x.",
  });
});

it("does not read behind the commit it finds", async () => {
  const path = await written("lines");
  const text = JSON.stringify(history[0]);
  await writeFile(path, `${text}\nno commit\n`);
  await expect(findCommit(path, IDS[0] as string)).resolves.toMatchObject({ commit_number: 0 });
});
