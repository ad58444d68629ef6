import { readFile } from "node:fs/promises";
import {
  defineStage,
  hashText,
  inputError,
  type Provenance,
  recordedOptions,
  SCHEMA_VERSION,
  StageError,
  type StageSummary,
} from "@repotune/schema";
import { repositoryFingerprint } from "./fingerprint.ts";
import { type ResolvedOptions, resolveOptions, ScrapeStageOptions } from "./options.ts";
import { besidePaths, printCommits, writeCommitFiles } from "./output/write-commits.ts";
import { producer } from "./producer.ts";
import { Scrape } from "./scrape.ts";

/** The least length of a salt: a short one can be guessed. */
const SALT_BYTES = 16;

/** The step from a repository to `commits.jsonl` or `commits.json`. */
export const stage = defineStage({
  producer,
  verb: "scrape",
  summary: "Read a git repository's whole history, every commit with its patches.",
  options: ScrapeStageOptions,
  // Where the repository lies does not matter; what it holds is in the fingerprint.
  incidental: ["repo", "output", "sinceState", "diffProcesses"],
  inputs: ({ saltFile }) => (saltFile === undefined ? [] : [saltFile]),
  outputs: ({ output }) => (output === "-" ? [output] : [output, ...besidePaths(output)]),
  fingerprint: ({ repo }, context) => repositoryFingerprint(repo, context),
  async run(options, context): Promise<StageSummary> {
    const { repo, output, sinceState, saltFile, ...reading } = options;
    const salt = saltFile === undefined ? undefined : await readSalt(saltFile);
    const resolved = resolveOptions({ ...reading, salt });
    const scrape = await Scrape.open(repo, resolved, context);
    try {
      if (output === "-") {
        await printCommits(scrape, process.stdout);
      } else {
        const provenance = await provenanceOf(scrape, resolved);
        await writeCommitFiles(scrape, { output, sinceState, provenance, context });
      }
    } finally {
      await scrape.close();
    }
    const metadata = scrape.metadata();
    return {
      commits: metadata.total_commits,
      files: metadata.total_files_touched,
      insertions: metadata.total_insertions,
      deletions: metadata.total_deletions,
      failures: metadata.failures.length,
    };
  },
});

/** Options are recorded as far as they decide the result; of the salt, only which one it was. */
async function provenanceOf(scrape: Scrape, options: ResolvedOptions): Promise<Provenance> {
  const { diffProcesses: _, salt, ...recorded } = options;
  return {
    schema_version: SCHEMA_VERSION,
    producer,
    options: recordedOptions({
      ...recorded,
      ...(salt !== undefined && { saltHash: hashText(`repotune salt ${salt}`).slice(0, 12) }),
    }),
    input_hash: await scrape.fingerprint(),
  };
}

async function readSalt(path: string): Promise<string> {
  const salt = await readFile(path, "latin1").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  if (salt.trim().length >= SALT_BYTES) return salt.trim();
  throw new StageError("E_INPUT", `${path} has less than ${SALT_BYTES} characters.`, {
    hint: `Make a secret that nobody can guess: openssl rand -hex 32 > ${path}`,
  });
}
