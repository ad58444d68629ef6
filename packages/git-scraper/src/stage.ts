import {
  commitsSidecarPath,
  defineStage,
  recordedOptions,
  SCHEMA_VERSION,
  type StageSummary,
  writeCommits,
  writeJsonl,
} from "@repotune/schema";
import { repositoryFingerprint } from "./fingerprint.ts";
import { ScrapeStageOptions } from "./options.ts";
import { producer } from "./producer.ts";
import { Scrape } from "./scrape.ts";

/** The step from a repository to `commits.jsonl` or `commits.json`. */
export const stage = defineStage({
  producer,
  verb: "scrape",
  summary: "Read a git repository's whole history, every commit with its patches.",
  options: ScrapeStageOptions,
  // Where the repository lies does not matter; what it holds is in the fingerprint.
  incidental: ["repo", "output", "diffProcesses"],
  inputs: () => [],
  outputs: ({ output }) =>
    output === "-" || output.endsWith(".json") ? [output] : [output, commitsSidecarPath(output)],
  fingerprint: ({ repo }, context) => repositoryFingerprint(repo, context),
  async run(options, context): Promise<StageSummary> {
    const { repo, output, ...reading } = options;
    const scrape = await Scrape.open(repo, reading, context);
    try {
      if (output === "-") {
        await writeJsonl(scrape.commits(), process.stdout);
      } else {
        const { diffProcesses: _, ...recorded } = reading;
        const provenance = {
          schema_version: SCHEMA_VERSION,
          producer,
          options: recordedOptions(recorded),
          input_hash: await scrape.fingerprint(),
        };
        await writeCommits(output, scrape.commits(), provenance, () => scrape.metadata());
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
