import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import type { Corpus } from "@repotune/test-kit/mutation";
import { diffTree, END_MARKER } from "../src/diff/command.ts";

/** Real output of git, to be mutated. */
export type Corpora = Record<"ordinary" | "combined" | "rawLines" | "commits" | "merges", Corpus>;

const ID = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

const DIFF_TOKENS = [
  ...["\n", "\n\n", "\t", '"', "\\", "\0", ":", "::", " ", "+", "-", "++", "--", "- "],
  ...["\\ No newline at end of file\n", `${END_MARKER}\n`, `${ID}\n`, `${ID}\n${END_MARKER}\n`],
  ...["@@ -1 +1 @@\n", "@@ -1,3 +0,0 @@\n", "@@ -0,0 +1,99999999999 @@ fn\n", "@@@ -1 -1 +1 @@@\n"],
  ...["@@@@ -1,2 -1,2 -1,2 +1,3 @@@@\n", "Binary files a/x and b/x differ\n", "--- a/x\n+++ b/x\n"],
  ...[
    "diff --git a/x b/x\n",
    "diff --combined x\n",
    'diff --cc "x\\t"\n',
    "deleted file mode 100644\n",
  ],
  `:100644 100644 ${ID} ${ID} M\tx\n`,
  `:100644 120000 ${ID} ${ID} T\tx\n`,
  `:100644 100644 ${ID} ${ID} R100\tx\ty\n`,
  `::100644 100644 100644 ${ID} ${ID} ${ID} MM\tx\tx\tx\n`,
];

const COMMIT_TOKENS = [
  ...["\n", "\n\n", "\0", " ", "<", ">", "<>", "tree ", "parent ", "encoding UTF-8\n", "-1 +0000"],
  ...[
    "author A <a@example.org> 1 +0000\n",
    "committer ",
    "gpgsig -----BEGIN\n \n",
    "9".repeat(400),
  ],
];

/** Everything a parser minds, in a few commits, each of them small. */
export function fuzzCorpora(folder: string): Corpora {
  const repository = gitRepository({ folder });
  addHistory(repository);
  const ids = repository.git("rev-list", "--reverse", "HEAD").split("\n");
  const merges = repository.git("rev-list", "--merges", "HEAD").split("\n");
  const answers = (options: Parameters<typeof diffTree>[0], commits: string[]) =>
    commits.map((id) => repository.gitBytes(diffTree(options), `${id}\n${END_MARKER}\n`));
  const ordinary = answers({ merges: "first-parent", copies: true }, ids);
  ordinary.push(Buffer.concat(ordinary), ordinary[1] as Buffer);
  const combined = answers({ merges: "combined", copies: false }, merges);
  combined.push(Buffer.concat([...combined, ordinary[0] as Buffer]));
  const rawLines = [...ordinary, ...combined].flatMap((answer) =>
    (answer.toString("latin1").match(/^:.*$/gm) ?? []).map((line) => Buffer.from(line, "latin1")),
  );
  const commits = ids.map((id) => repository.gitBytes(["cat-file", "commit", id]));
  // git 2.39 and later answer so; the parser is the same for all.
  const merge = (...paths: string[]) =>
    Buffer.from([paths.length ? 0 : 1, ID, ...paths, "", ""].join("\0"));
  return {
    ordinary: { inputs: ordinary, tokens: DIFF_TOKENS },
    combined: { inputs: combined, tokens: DIFF_TOKENS },
    rawLines: { inputs: rawLines, tokens: DIFF_TOKENS },
    commits: { inputs: commits, tokens: COMMIT_TOKENS },
    merges: {
      inputs: [merge(), merge("a"), merge("a", "b\n"), Buffer.concat([merge("a"), merge()])],
      tokens: ["\0", "\0\0", "1", "0", `1\0${ID}\0\0`, "path\0"],
    },
  };
}

const lines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `line ${index + from}\n`).join("");

function addHistory(repository: TestRepository): void {
  repository.commit("One", { a: lines(12), empty: "", bin: "\0", 'q"\t': "no newline" });
  repository.commit("Two", {
    a: lines(12).replace("line 3", "= end").replace("line 9\n", "@@ -1 +1 @@\n"),
    bin: "\0\0",
    né: "diff --git a/a b/a\n",
    script: { content: "#!\n", mode: "100755" },
  });
  repository.commit(
    "Empty",
    {},
    { headers: "encoding ISO-8859-1\ngpgsig -----BEGIN\n \n -----END\n" },
  );
  repository.commit("Kinds", {
    bin: { symlink: "b" },
    script: { content: "#!\n", mode: "100644" },
    moved: lines(12, 1),
    a: null,
    'q"\t': null,
  });
  const base = repository.git("rev-parse", "HEAD");
  const sides = ["left", "right", "third"].map((side, index) => {
    repository.checkout(base);
    return repository.commit(side, {
      moved: lines(12, 1).replace(`line ${2 + 4 * index}`, side),
      both: `${side}\n`,
      né: null,
      [side]: lines(3),
    });
  });
  const result = { moved: lines(12, 1).replace("line 6", "evil"), both: "all\n", left: lines(2) };
  const merge = repository.commit("Merge", result, { parents: sides.slice(0, 2) });
  const tips = [merge, sides[2] as string, base];
  repository.commit("Octopus", { ...result, both: "octopus" }, { parents: tips });
}
