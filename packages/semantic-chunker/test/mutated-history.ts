import { createHash } from "node:crypto";
import type { Commit } from "@repotune/schema";
import { mutate } from "@repotune/test-kit/mutation";
import type { Random } from "@repotune/test-kit/random";
import { plainDiff } from "./plain-diff.ts";

/** What means something to one language or another, or to git. */
const TOKENS = [
  ...["{", "}", "(", ")", "[", "]", "<", ">", '"', "'", "`", '"""', "/*", "*/", "//", "#", "\\"],
  ...["\n", "\n\n", "\r\n", "\r", "\t", "    ", ";", ":", ",", "=", "=>", "->", "::", "@", "|"],
  ...["fn f() {\n", "impl A for B {\n", "mod m {\n", "#[cfg(test)]\n", 'r#"', "'a", "#[test]\n"],
  ...["def f():\n", "class A:\n", "@d\n", "async ", "export ", "describe('x', () => {\n", "${"],
  ...[
    "func (a *B) c() {\n",
    "type (\n",
    "#define A \\\n",
    "#ifdef A\n",
    "template <class T>\n",
    'R"(',
  ],
  ...[
    "cat <<EOF\n",
    "EOF\n",
    "case x in\n",
    "[a.b]\n",
    "---\n",
    "- a: b\n",
    "```\n",
    "# A\n",
    "===\n",
  ],
  ...["<<<<<<< HEAD\n", "=======\n", ">>>>>>> a\n", "@@ -1,2 +3,4 @@\n", "\\ No newline\n", "-- "],
  ...["\xef\xbb\xbf", "\xed\xa0\x80", "\xff\xfe", "\xe2\x80\xa8", "\xf0\x9f\x98\x80", "\xc3"],
  ...["(".repeat(5000), "[{(".repeat(3000), "{\n".repeat(2000), '"'.repeat(999), "\n".repeat(3000)],
];

const MAX_FILES = 3;
const MAX_COMMITS = 4;

/** Commits that change some files again and again, and what they are made of. */
export interface MutatedHistory {
  commits: Commit[];
  blobs: Map<string, Buffer>;
  bytes: number;
  /** How often a file was changed. */
  mutations: number;
}

/**
 * One to four commits on one to three files, each of which becomes a mutation of itself, or of
 * another file of its language.
 *
 * @param template what else a commit has.
 * @param inputs real files by extension.
 */
export function mutatedHistory(
  template: Commit,
  inputs: Map<string, Buffer[]>,
  random: Random,
): MutatedHistory {
  const blobs = new Map<string, Buffer>();
  const extensions = [...inputs.keys()];
  const files = Array.from({ length: 1 + random.below(MAX_FILES) }, (_, index) => {
    const extension = extensions[random.below(extensions.length)] as string;
    const own = inputs.get(extension) as Buffer[];
    const first = own[random.below(own.length)] as Buffer;
    const content: Buffer | null = random.below(8) === 0 ? null : first;
    return { name: `src/file${index}${extension}`, own, content };
  });
  const commits = Array.from({ length: 1 + random.below(MAX_COMMITS) }, (_, number): Commit => {
    const diffs = files.map((file) => {
      const before = file.content;
      const isOwn = before !== null && random.below(4) > 0;
      const source = { inputs: isOwn ? [before] : file.own, tokens: TOKENS };
      const isRemoved = before !== null && random.below(8) === 0;
      file.content = isRemoved ? null : withoutNul(mutate(source, random));
      return diffOf(file.name, before, file.content, blobs);
    });
    const hash = `${number}`.repeat(40);
    const metadata = { ...template.metadata, hash, abbrev_hash: hash.slice(0, 12) };
    return { ...template, commit_number: number, metadata, diffs };
  });
  const bytes = [...blobs.values()].reduce((sum, data) => sum + data.length, 0);
  return { commits, blobs, bytes, mutations: files.length * commits.length };
}

/** git takes a file with NUL for binary. */
const withoutNul = (data: Buffer) => Buffer.from(data.map((byte) => (byte === 0 ? 1 : byte)));

function diffOf(
  filename: string,
  old: Buffer | null,
  fresh: Buffer | null,
  blobs: Map<string, Buffer>,
): Commit["diffs"][number] {
  const [old_blob = "", new_blob = ""] = [old, fresh].map((data) => {
    if (!data) return "0".repeat(40);
    const id = createHash("sha1").update(data).digest("hex");
    blobs.set(id, data);
    return id;
  });
  return {
    filename,
    old_filename: null,
    change_type: old ? (fresh ? "M" : "D") : "A",
    similarity: null,
    old_mode: old ? "100644" : "000000",
    new_mode: fresh ? "100644" : "000000",
    old_blob,
    new_blob,
    additions: 0,
    deletions: 0,
    patch: plainDiff(old?.toString("utf8") ?? "", fresh?.toString("utf8") ?? ""),
    is_binary: false,
    is_truncated: false,
  };
}
