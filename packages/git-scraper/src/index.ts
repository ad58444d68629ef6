export { complexityScore, HIGH_RISK } from "./commit/complexity.ts";
export { repositoryFingerprint } from "./fingerprint.ts";
export type { MergeDiffs } from "./diff/command.ts";
export type { ScrapeFailure } from "./facts.ts";
export { REF_SCOPES, type RefScope } from "./history/ref-selection.ts";
export type { ScrapeOptions } from "./options.ts";
export { Scrape } from "./scrape.ts";
export { scrapeCommits } from "./scrape-commits.ts";
export { stage } from "./stage.ts";
