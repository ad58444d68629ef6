import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Commit } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { mutate } from "@repotune/test-kit/mutation";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { languageOfFile } from "../src/files/file-language.ts";
import type { ChunkOptions } from "../src/index.ts";
import { chunkAll, expectComplete } from "./collect.ts";
import { scrape } from "./history.ts";
import { plainDiff } from "./plain-diff.ts";
import { SAMPLES, SOURCES } from "./samples.ts";

const INPUTS = Number(process.env.REPOTUNE_FUZZ_INPUTS ?? 300);
const SEED = Number(process.env.REPOTUNE_FUZZ_SEED ?? 1);
/** Files to mutate, of any language; without it, the samples of the tests. */
const FOLDER = process.env.REPOTUNE_FUZZ_FOLDER;

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

/** CPU time that a commit may take: for its start, and for each byte of its files. */
const FREE_MS = 3000;
const MS_PER_BYTE = 0.02;

const OPTIONS: Partial<ChunkOptions>[] = [
  {},
  { maxChunkTokens: 16 },
  { maxChunkTokens: 64, includeLicenceHeaders: true },
];

/** Real inputs by extension. */
function corpus(): Map<string, Buffer[]> {
  const files: [name: string, text: string | Buffer][] = FOLDER
    ? readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name))])
    : [
        ...Object.entries(SAMPLES).map(([extension, { unit }]): [string, string] => [
          `x.${extension}`,
          [unit("first"), unit("second"), unit("third")].join("\n"),
        ]),
        ...["py", "ts", "go", "java", "cpp", "sh"].map((extension, index): [string, string] => [
          `y.${extension}`,
          SOURCES[index] as string,
        ]),
      ];
  const byExtension = new Map<string, Buffer[]>();
  for (const [name, text] of files) {
    const extension = extname(name);
    byExtension.set(extension, [...(byExtension.get(extension) ?? []), Buffer.from(text)]);
  }
  return byExtension;
}

const idOf = (data: Buffer) => createHash("sha1").update(data).digest("hex");

/** A commit that changes one to three files, each into a mutation of it, or of another one. */
function randomCommit(template: Commit, inputs: Map<string, Buffer[]>, random: Random) {
  const blobs = new Map<string, Buffer>();
  const extensions = [...inputs.keys()];
  const diffs = Array.from({ length: 1 + random.below(3) }, (_, index): Commit["diffs"][number] => {
    const extension = extensions[random.below(extensions.length)] as string;
    const own = inputs.get(extension) as Buffer[];
    const original = own[random.below(own.length)] as Buffer;
    const make = () => withoutNul(mutate({ inputs: own, tokens: TOKENS }, random));
    const before = random.below(4) === 0 ? make() : original;
    const after =
      random.below(4) === 0
        ? make()
        : withoutNul(mutate({ inputs: [before], tokens: TOKENS }, random));
    const kind = random.below(8);
    const [old, fresh] = [kind === 0 ? null : before, kind === 1 ? null : after];
    const ids = [old, fresh].map((data) => {
      if (!data) return "0".repeat(40);
      blobs.set(idOf(data), data);
      return idOf(data);
    });
    const patch = plainDiff(old?.toString("utf8") ?? "", fresh?.toString("utf8") ?? "");
    return {
      filename: `src/file${index}${extension}`,
      old_filename: null,
      change_type: kind === 0 ? "A" : kind === 1 ? "D" : "M",
      similarity: null,
      old_mode: old ? "100644" : "000000",
      new_mode: fresh ? "100644" : "000000",
      old_blob: ids[0] as string,
      new_blob: ids[1] as string,
      additions: 0,
      deletions: 0,
      patch,
      is_binary: false,
      is_truncated: false,
    };
  });
  const bytes = [...blobs.values()].reduce((sum, data) => sum + data.length, 0);
  return { commit: { ...template, diffs }, blobs, bytes };
}

/** git takes a file with NUL for binary. */
const withoutNul = (data: Buffer) => Buffer.from(data.map((byte) => (byte === 0 ? 1 : byte)));

describe("mutated files", { timeout: 24 * 3_600_000 }, () => {
  it(`give each changed line to one chunk, in bounded time (${INPUTS}, seed ${SEED})`, async () => {
    const repository = gitRepository();
    repository.commit("Change");
    const template = scrape(repository)[0] as Commit;
    const inputs = corpus();
    const languages = new Set(
      [...inputs.keys()].map((extension) => languageOfFile(`x${extension}`)),
    );
    expect(languages.size).toBeGreaterThanOrEqual(12);
    const random = seededRandom(SEED);
    let mutations = 0;
    let slowest = 0;
    while (mutations < INPUTS) {
      const at = mutations;
      const { commit, blobs, bytes } = randomCommit(template, inputs, random);
      mutations += commit.diffs.length;
      const options = OPTIONS[random.below(OPTIONS.length)];
      const all: Partial<ChunkOptions> = {
        ...options,
        ...{ secrets: "keep", includeMinified: true, includeGenerated: true },
        maxPatchBytes: 64 << 20,
      };
      const objects = { read: async (id: string) => blobs.get(id) };
      const start = process.cpuUsage();
      const { chunks, counts } = await chunkAll([commit], all, objects).catch((error: unknown) => {
        throw new Error(`mutation ${at} of seed ${SEED}`, { cause: error });
      });
      const { user, system } = process.cpuUsage(start);
      const milliseconds = (user + system) / 1000;
      slowest = Math.max(slowest, milliseconds / (FREE_MS + MS_PER_BYTE * bytes));
      expect(slowest, `time of mutation ${at} of seed ${SEED}`).toBeLessThan(1);
      const { blob_mismatch = 0, no_text_change = 0 } = {
        ...counts.degraded_files,
        ...counts.skipped_files,
      };
      expect(blob_mismatch, `mutation ${at} of seed ${SEED}`).toBe(0);
      const unchanged = commit.diffs.filter((diff) => diff.patch === "").length;
      expect(counts.skipped_files, `mutation ${at} of seed ${SEED}`).toEqual(
        unchanged > 0 ? { no_text_change } : {},
      );
      expectComplete([commit], chunks);
      for (const { line_range, new_code, header_lines, kind } of chunks) {
        const [first = 1, last = 0] = line_range.new ?? [];
        const lines = (new_code?.split("\n").length ?? 0) + (header_lines?.new ?? 0);
        expect(first, kind).toBeGreaterThan(0);
        expect(lines, `${kind} of mutation ${at} of seed ${SEED}`).toBeLessThanOrEqual(
          Math.max(1, last - first + 1) + (header_lines?.new ?? 0),
        );
      }
    }
    if (FOLDER)
      console.log(
        `${mutations} mutations; the slowest took ${(100 * slowest).toFixed(0)} % of the time it may take`,
      );
  });
});
