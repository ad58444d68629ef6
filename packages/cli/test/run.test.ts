import { readFileSync } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest, TrainingReport } from "@repotune/schema";
import type { TestRepository } from "@repotune/test-kit/git";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rustHistory } from "./support/history.ts";
import { eventsOf, runCli } from "./support/run-cli.ts";
import { fastSettings } from "./support/settings.ts";

const require = createRequire(import.meta.url);
const json = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, "utf8"));

/** Verbs of the stages that a run with `--json` ran, and those it passed over. */
function stagesOf(outcome: Awaited<ReturnType<typeof runCli>>) {
  const named = (event: string) =>
    eventsOf(outcome)
      .filter((e) => e.event === event)
      .map((e) => e.stage);
  return { ran: named("done"), upToDate: named("up_to_date") };
}

describe("repotune run on a small Rust repository", () => {
  let folder: string;
  let out: string;
  let repository: TestRepository;
  const run = (...more: string[]) =>
    runCli(["run", "--repo", repository.path, "--out", out, "--json", ...fastSettings, ...more]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "repotune-run-"));
    out = join(folder, "out");
    repository = rustHistory({ folder });
    const outcome = await run();
    expect(outcome.code, outcome.stdout.slice(-2000) + outcome.stderr).toBe(0);
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("makes every artefact and leaves no half-written one", async () => {
    expect((await readdir(out)).sort()).toEqual([
      "chunking_stats.json",
      "chunks.jsonl",
      "commits.jsonl",
      "commits.lineage.json",
      "commits.meta.json",
      "commits.state.jsonl",
      "dataset",
      "history_stats.json",
      "manifest.json",
      "model",
      "tokens",
    ]);
    const all = await readdir(out, { recursive: true });
    expect(all.filter((name) => /\.(tmp|part)$/.test(name))).toEqual([]);
  });

  it("learns: the validation loss falls", async () => {
    const report = await json<TrainingReport>(join(out, "model", "training_report.json"));
    expect(report.validation.best.loss).toBeLessThan(report.validation.before.loss);
    expect(report.validation.best.bits_per_byte).toBeLessThan(
      report.validation.before.bits_per_byte,
    );
  });

  it.each([
    ["commits.jsonl", "commit-line"],
    ["commits.lineage.json", "commits-lineage"],
    ["commits.meta.json", "commits-meta"],
    ["history_stats.json", "history-stats"],
    ["chunks.jsonl", "chunk"],
    ["chunking_stats.json", "chunking-stats"],
    ["tokens/vocab_stats.json", "vocab-stats"],
    ["dataset/dataset.json", "dataset"],
    ["model/training_report.json", "training-report"],
    ["manifest.json", "manifest"],
  ])(
    "%s is valid by its schema, and has no field that the schema does not know",
    async (file, name) => {
      const schema = JSON.parse(
        readFileSync(require.resolve(`@repotune/schema/${name}.schema.json`), "utf8"),
      );
      const validate = new Ajv2020({ allowUnionTypes: true }).compile(closed(schema));
      const text = await readFile(join(out, file), "utf8");
      const records = file.endsWith(".jsonl") ? text.trim().split("\n") : [text];
      for (const record of records) {
        expect(validate(JSON.parse(record)), JSON.stringify(validate.errors)).toBe(true);
      }
      expect(records.length).toBeGreaterThan(0);
    },
  );

  it("scrapes into one commits.json, valid by its schema", async () => {
    const path = join(folder, "commits.json");
    await runCli(["scrape", "--repo", repository.path, "--output", path, "--quiet"]);
    const schema = JSON.parse(
      readFileSync(require.resolve("@repotune/schema/commits.schema.json"), "utf8"),
    );
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(closed(schema));
    expect(validate(await json(path)), JSON.stringify(validate.errors)).toBe(true);
  });

  it("names every field in snake_case", async () => {
    for (const name of (await readdir(out, { recursive: true })).filter((n) =>
      /\.jsonl?$/.test(n),
    )) {
      if (name.endsWith("tokenizer.json")) continue; // Hugging Face's format.
      const text = await readFile(join(out, name), "utf8");
      for (const record of name.endsWith(".jsonl") ? text.trim().split("\n") : [text]) {
        JSON.parse(record, (key, value) => {
          expect(key, name).not.toMatch(/[a-z][A-Z]/);
          return value;
        });
      }
    }
  });

  it("does nothing the second time, and says so", async () => {
    const before = await json<Manifest>(join(out, "manifest.json"));
    const outcome = await run();
    expect(stagesOf(outcome)).toEqual({
      ran: [],
      upToDate: ["scrape", "chunk", "tokenize", "build", "train"],
    });
    expect(outcome.stdout).toContain("Nothing to do");
    expect(await json(join(out, "manifest.json"))).toEqual(before);
  });

  it("makes a damaged file anew, and nothing after it", async () => {
    const before = await readFile(join(out, "chunks.jsonl"));
    await appendFile(join(out, "chunks.jsonl"), "{}\n");
    expect(stagesOf(await run()).ran).toEqual(["chunk"]);
    expect(before.equals(await readFile(join(out, "chunks.jsonl")))).toBe(true);
  });

  it("runs one stage again on demand", async () => {
    expect(stagesOf(await run("--stage", "build", "--force"))).toEqual({
      ran: ["build"],
      upToDate: ["scrape", "chunk", "tokenize"],
    });
  });

  it("runs again what depends on a changed option, up to the named stage", async () => {
    expect(stagesOf(await run("--stage", "build", "--set", "tokenize.vocab_size=380"))).toEqual({
      ran: ["tokenize", "build"],
      upToDate: ["scrape", "chunk"],
    });
  });

  it("notices a new commit", async () => {
    repository.commit("Say more", { "README.md": "# harbor\n\nA ledger of ships.\n" });
    expect(stagesOf(await run("--stage", "chunk")).ran).toEqual(["scrape", "chunk"]);
    expect((await readFile(join(out, "commits.jsonl"), "utf8")).trim().split("\n")).toHaveLength(
      25,
    );
  });

  it("generates from the trained model", async () => {
    const model = join(out, "model", "model.gguf");
    expect((await stat(model)).size).toBeGreaterThan(10_000);
    const { code, stdout } = await runCli([
      ...["generate", "--model", model, "--max-tokens", "12", "--seed", "3"],
      ...["--prompt", "<COMMIT_START><MESSAGE_START>Add open to block<MESSAGE_END><FILE_START>"],
    ]);
    expect(code).toBe(0);
    expect(stdout.trim().length).toBeGreaterThan(0);
  });
});

it("stops at Ctrl-C with exit code 130, and the next run goes on", async () => {
  const repository = rustHistory();
  const folder = await mkdtemp(join(tmpdir(), "repotune-stop-"));
  try {
    const argv = ["run", "--repo", repository.path, "--out", folder, "--json", ...fastSettings];
    const abort = new AbortController();
    const first = runCli(argv, abort.signal);
    const watch = setInterval(async () => {
      const manifest = await json<Manifest>(join(folder, "manifest.json")).catch(() => undefined);
      if (manifest?.stages.some(({ stage }) => stage === "tokenize")) abort.abort();
    }, 5);
    const stopped = await first;
    clearInterval(watch);
    expect(stopped.code).toBe(130);
    expect(eventsOf(stopped).at(-1)).toMatchObject({ event: "error", code: "E_INTERRUPTED" });

    const second = await runCli(argv);
    expect(second.code).toBe(0);
    expect(stagesOf(second).upToDate).toEqual(
      expect.arrayContaining(["scrape", "chunk", "tokenize"]),
    );
    expect(stagesOf(second).ran).toContain("train");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 180_000);

/** A schema that refuses fields it does not name. */
function closed(schema: unknown): Record<string, unknown> {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, close(v)]));
    return "properties" in value ? { ...entries, additionalProperties: false } : entries;
  };
  return close(schema) as Record<string, unknown>;
}
