import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { diffTree, END_MARKER } from "../src/diff/command.ts";
import { type CommitChanges, DiffParser } from "../src/diff/diff-parser.ts";
import { unquotePath } from "../src/diff/quoted-path.ts";

const limits = { maxPatchBytes: 1 << 20, maxCommitBytes: 1 << 20 };

/** What diff-tree prints for a few commits that hold everything a parser minds. */
function sampleOutput(): Buffer {
  const repository = gitRepository();
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
  repository.commit("One", { a: lines.join(""), empty: "", bin: "\0", 'q"\t': "no newline" });
  lines[3] = "= end\n";
  lines[20] = "diff --git a/a b/a\n@@ -1 +1 @@\n";
  repository.commit("Two", {
    a: lines.join(""),
    empty: null,
    bin: "\0\0",
    'q"\t': "x".repeat(500),
  });
  repository.commit("Empty");
  repository.commit("Kind", { a: { symlink: "b" }, moved: "x".repeat(500), 'q"\t': null });
  const ids = repository.git("rev-list", "--reverse", "HEAD").split("\n");
  const requests = [...ids, "0".repeat(40)].map((id) => `${id}\n${END_MARKER}\n`).join("");
  return repository.gitBytes(diffTree({ merges: "first-parent", copies: false }), requests);
}

function parse(output: Buffer, pieceBytes: number): CommitChanges[] {
  const commits: CommitChanges[] = [];
  const parser = new DiffParser(limits, (changes) => commits.push(changes));
  for (let at = 0; at < output.length; at += pieceBytes) {
    parser.push(output.subarray(at, at + pieceBytes));
  }
  parser.end();
  return commits;
}

test("the pieces in which output arrives make no difference", () => {
  const output = sampleOutput();
  const whole = parse(output, output.length);
  expect(whole.map(({ files }) => files.length)).toEqual([4, 4, 0, 2, 0]);
  expect(whole.at(-1)?.commit).toBe("");
  expect(whole[1]?.files.map(({ additions, deletions }) => [additions, deletions])).toEqual([
    [3, 2],
    [0, 0],
    [0, 0],
    [1, 1],
  ]);
  expect(whole[3]?.files[0]?.patch.toString().match(/^diff --git/gm)).toHaveLength(2);
  for (let pieceBytes = 1; pieceBytes < 200; pieceBytes += 1) {
    expect(parse(output, pieceBytes), `pieces of ${pieceBytes} bytes`).toEqual(whole);
  }
});

test("output that is cut off, or is none of git's, is an error", () => {
  const output = sampleOutput();
  expect(() => parse(output.subarray(0, output.length - 1), 64)).toThrow(/something unexpected/);
  expect(() => parse(output.subarray(0, output.length / 2), 64)).toThrow(/something unexpected/);
  const garbled = Buffer.from(
    output.toString("latin1").replace("+line 7\n", "?line 7\n"),
    "latin1",
  );
  expect(() => parse(garbled, 64)).toThrow(/"\?line 7\\n/);
});

test("quoted paths are their bytes again", () => {
  const quoted = String.raw`"tab\t nl\n q\" bs\\ bell\a \303\251 \377"`;
  const bytes = Buffer.from('tab\t nl\n q" bs\\ bell\x07 \xc3\xa9 \xff', "latin1");
  expect(unquotePath(Buffer.from(quoted))).toEqual(bytes);
  expect(unquotePath(Buffer.from("plain é"))).toEqual(Buffer.from("plain é"));
});
