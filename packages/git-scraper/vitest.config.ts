import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "git-scraper", testTimeout: 60_000 } });
