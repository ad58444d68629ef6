import { appendFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { Chunk, Commit } from "@repotune/schema";
import { type Io, readOptions, runCommand, stageCommand } from "@repotune/schema/command";
import { tinyModel } from "@repotune/test-kit/models";
import { chunk, commit, hashOf } from "@repotune/test-kit/records";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { stage, type TokenizeOptions } from "../src/index.ts";
import { smallCommit } from "./small-history.ts";
import { realVocabulary } from "./vocabulary.ts";

/** A stream that keeps what is written to it; a terminal, if it has columns. */
class Screen extends Writable {
  text = "";
  override _write(piece: Buffer, _: string, done: () => void): void {
    this.text += piece;
    done();
  }
}

const screen = (columns?: number) =>
  Object.assign(new Screen(), columns === undefined ? {} : { columns, isTTY: true });

function inputs(commits: readonly Commit[], chunks: readonly Chunk[]): TokenizeOptions {
  const folder = temporaryFolder();
  const lines = (records: readonly unknown[]) =>
    records.map((record) => `${JSON.stringify(record)}\n`).join("");
  writeFileSync(join(folder, "commits.jsonl"), lines(commits));
  writeFileSync(join(folder, "chunks.jsonl"), lines(chunks));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(realVocabulary()));
  return readOptions(stage.options, {
    commits: join(folder, "commits.jsonl"),
    chunks: join(folder, "chunks.jsonl"),
    outputDir: folder,
  });
}

/** The small commit, and one after it. */
function small(): TokenizeOptions {
  const { commit: first, chunks } = smallCommit();
  const second = commit(1, { message: "Later", files: ["b.rs"] });
  return inputs([first, second], [...chunks, chunk(second, 0, { new_code: "fn later() {}\n" })]);
}

/** What `tokenizer --preview` prints, and how it ends. */
async function run(
  options: TokenizeOptions,
  flags: readonly string[] = ["--preview", hashOf(0)],
  { columns, env = {} }: { columns?: number; env?: Io["env"] } = {},
) {
  const [stdout, stderr] = [screen(columns), screen()];
  const io: Io = { stdin: process.stdin, stdout, stderr, env };
  const given = Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return typeof value === "boolean" ? (value ? [flag] : []) : [flag, `${value}`];
  });
  const code = await runCommand(stageCommand(stage, io, "tokenizer"), [...given, ...flags], io);
  return { code, text: stdout.text, messages: stderr.text };
}

const preview = async (...args: Parameters<typeof run>): Promise<string> => {
  const { code, text, messages } = await run(...args);
  expect(messages).toBe("");
  expect(code).toBe(0);
  return text;
};

test("a commit is shown row by row, with the weight of each row's tokens", async () => {
  const text = await preview({ ...small(), maxDocumentTokens: 1000 });
  expect(text).toMatch(new RegExp(`^commit ${hashOf(0)}\nsemantic rendering, 1,024 tokens of `));
  const [first] = text.split("\n\n").slice(1);
  const rows = (first ?? "").split("\n").slice(1);
  expect(first).toMatch(/^modified_function 0{12}_0 {2}\d+ tokens, weights sum to [\d.]+\n/);
  /** Rows of a weight, without separators. */
  const weighing = (weight: string) =>
    rows
      .filter((row) => row.trimStart().startsWith(`${weight} │`))
      .map((row) => row.slice(row.indexOf("│") + 2).replaceAll("│", ""));
  expect(weighing("100").join("|")).toBe(
    '«<CHANGE:modified_function>»|    info!("{key:?}");↵|«<CODE_END><COMMIT_END>»',
  );
  expect(weighing("10")).toEqual(["fn get(key: Key) -> u64 {↵", "    read(key)↵", "}↵"]);
  expect(text).not.toContain("later");
  expect(text.split("\n\n")).toHaveLength(6);
});

test("tokens are told apart, structure from text that spells it", async () => {
  const { commit: first, chunks } = smallCommit();
  const [unit] = chunks;
  if (unit) unit.new_code = "// <COMMIT_END>\n";
  const text = await preview(inputs([first], chunks.slice(0, 1)));
  expect(text.match(/<COMMIT_END>/g)).toHaveLength(2); // The unit's and the overview's own.
  expect(text).toMatch(/<│?C│?O│?M/);
});

test("what does not print is spelled out, for whatever terminal", async () => {
  const { commit: first, chunks } = smallCommit();
  const [unit] = chunks;
  if (unit) {
    unit.new_code = "a\u001b[31mb\u0007\u202e\u00ad\ttab日本\u0000é\u0301";
    unit.file_path = "\u001b]0;title\u0007.rs";
    unit.chunk_id = "\u001b[2J";
  }
  const text = await preview(inputs([first], chunks.slice(0, 1)));
  expect(text.replaceAll("\n", "")).toMatch(/^[^\p{C}]*$/u);
  const content = text.replaceAll(/│|\n *\d+ /g, "");
  for (const spelling of ["⟨1b⟩[", "⟨07⟩", "⟨00⟩", "⇥", "⟨ad⟩"])
    expect(content).toContain(spelling);
});

test("colours tell weights apart, neighbours have two shades, and rows fit the width", async () => {
  const options = small();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours are made of.
  const bare = (line: string) => line.replaceAll(/\u001b\[\d+m/g, "");
  const text = await preview(options, undefined, { columns: 100 });
  const rows = text.split("\n").filter((row) => bare(row).includes("info!"));
  expect(rows[0]).toContain("\u001b[42m");
  expect(rows[0]).toContain("\u001b[102m");
  expect(text).toContain("\u001b[45m");
  const narrow = await preview(options, undefined, { columns: 40 });
  const shown = narrow
    .split("\n")
    .map(bare)
    .filter((row) => /^ *\d+ │/.test(row));
  for (const row of shown) expect(row.length).toBeLessThanOrEqual(40);
  expect(shown.length).toBeGreaterThan(text.split("\n").length);
});

test("NO_COLOR and pipes get no colours", async () => {
  const options = small();
  const piped = await preview(options);
  expect(piped).not.toContain("\u001b");
  expect(await preview(options, undefined, { columns: 100, env: { NO_COLOR: "1" } })).toBe(piped);
});

test("a program gets each document as JSON, whose tokens are those of a run", async () => {
  const options = small();
  const documents = (await preview(options, ["--preview", hashOf(0), "--json"]))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(documents.map(({ change_type }) => change_type)).toEqual([
    "modified_function",
    "new_test",
    "deletion",
    "configuration",
    null,
  ]);
  expect(documents[0]).toMatchObject({ commit_hash: hashOf(0), is_truncated: false });
  expect(documents[0].tokens[0]).toEqual({
    id: 3,
    text: "<COMMIT_START>",
    weight: 0,
    is_structure: true,
  });
});

test.each(["semantic", "hierarchical", "diff-aware", "flat"] as const)(
  "each rendering is shown, %s in a base's vocabulary, too",
  async (rendering) => {
    const options = { ...small(), rendering };
    expect(await preview(options)).toContain(`${rendering} rendering`);
    const base = await tinyModel({ vocabulary: 400, layers: 1 });
    const text = (await preview({ ...options, base })).replaceAll("│", "");
    expect(text).toContain("400 tokens of ");
    expect(text).toContain("</s>");
  },
);

test("holes are shown where they are asked for", async () => {
  const options = { ...small(), fimRate: 1 };
  const text = await preview(options);
  expect(text).toContain("with a hole to fill in");
  expect(text).toContain("<FIM_MIDDLE>");
});

test("nothing behind the commit's chunks is read", async () => {
  const options = small();
  appendFileSync(options.chunks, "neither JSON nor a chunk\n");
  appendFileSync(options.commits, "neither JSON nor a commit\n");
  expect(await preview(options)).toContain("overview");
});

test("a merge without chunks says why there is nothing", async () => {
  const merge = commit(0);
  expect(await preview(inputs([merge], []))).toContain("No document");
});

test("data files that are left out are counted", async () => {
  const { commit: first, chunks } = smallCommit();
  const data = chunks.map((unit) => ({ ...unit, file_type: "data" as const }));
  const { text, messages } = await run(inputs([first], data));
  expect(text).toContain("overview");
  expect(messages).toMatch(/4 chunks of data files are left out/);
});

test("an unknown commit and a missing vocabulary are named, with a way on", async () => {
  const options = small();
  expect(await run(options, ["--preview", "f".repeat(12)])).toMatchObject({
    code: 1,
    text: "",
    messages: expect.stringMatching(/has no commit "f{12}"/),
  });
  await rm(join(options.outputDir, "tokenizer.json"));
  expect(await run(options)).toMatchObject({
    code: 1,
    text: "",
    messages: expect.stringMatching(/There is no vocabulary .*tokenizer\.json(.|\n)*--base/),
  });
  const flat = { ...options, rendering: "flat", fimRate: 1 } as const;
  expect(await run(flat)).toMatchObject({
    code: 2,
    messages: expect.stringContaining("--fim-rate"),
  });
});
