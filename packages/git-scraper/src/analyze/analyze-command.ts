import { createReporter, type Io } from "@repotune/schema/command";
import { Command, Option } from "commander";
import { analyzeRepository } from "./analyze.ts";
import { formatAnalysis } from "./format-analysis.ts";

/** `analyze`: what a repository holds and what a scrape of it is likely to take, before the run. */
export function analyzeCommand(io: Io): Command {
  return new Command("analyze")
    .description("Look a repository over before it is scraped: size, span, time, from a sample.")
    .requiredOption("--repo <path>", "repository: a work tree's root, or a bare one")
    .option("--refs <value>", "refs to follow, as for the scrape", "all")
    .addOption(new Option("--json", "print one JSON object"))
    .allowExcessArguments(false)
    .action(async ({ repo, refs, json }: { repo: string; refs: string; json?: boolean }) => {
      const { context } = createReporter(io, json ? "events" : "text", io.stderr);
      const analysis = await analyzeRepository(repo, { refs }, context);
      io.stdout.write(json ? `${JSON.stringify(analysis)}\n` : formatAnalysis(analysis));
    });
}
