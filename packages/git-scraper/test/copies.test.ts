import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { diffTree, END_MARKER } from "../src/diff/command.ts";
import { DiffParser, type FileChange } from "../src/diff/diff-parser.ts";

const limits = { maxPatchBytes: 1 << 20, maxCommitBytes: 1 << 20 };
const lines = Array.from({ length: 40 }, (_, index) => `line ${index}\n`);

function changes(copies: boolean): FileChange[] {
  const repository = gitRepository();
  repository.commit("One", {
    "source.rs": lines.join(""),
    "untouched.rs": `${lines.join("")}end\n`,
  });
  const changed = lines.with(20, "changed\n").join("");
  const id = repository.commit("Two", {
    "source.rs": changed,
    "copy.rs": lines.slice(10).join(""),
  });
  const files: FileChange[] = [];
  const parser = new DiffParser(limits, (commit) => files.push(...commit.files));
  const options = { merges: "first-parent", copies } as const;
  parser.push(repository.gitBytes(diffTree(options), `${id}\n${END_MARKER}\n`));
  parser.end();
  return files;
}

test("copies are found where wanted, from files of the same commit only", () => {
  const [copy, source] = changes(true);
  expect(copy).toMatchObject({ status: "C", additions: 0, deletions: 10 });
  expect(copy?.similarity).toBeGreaterThan(70);
  expect(copy?.path.toString()).toBe("copy.rs");
  expect(copy?.oldPath?.toString()).toBe("source.rs");
  expect(copy?.patch.toString()).toContain("copy from source.rs\ncopy to copy.rs\n");
  expect(source).toMatchObject({ status: "M", additions: 1, deletions: 1, oldPath: undefined });
});

test("without, a copy is a file like any other", () => {
  const [copy, source] = changes(false);
  expect(copy).toMatchObject({ status: "A", additions: 30, deletions: 0, oldPath: undefined });
  expect(source).toMatchObject({ status: "M", additions: 1, deletions: 1 });
});
