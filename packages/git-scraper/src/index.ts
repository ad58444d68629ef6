export { complexityScore, HIGH_RISK } from "./commit/complexity.ts";
export { repositoryFingerprint } from "./fingerprint.ts";
export { REF_SCOPES, type RefScope } from "./history/refs.ts";
export type { ScrapeFailure } from "./metadata.ts";
export type { ScrapeOptions } from "./options.ts";
export { Scrape } from "./scrape.ts";
export { scrapeCommits } from "./scrape-commits.ts";
export { stage } from "./stage.ts";
