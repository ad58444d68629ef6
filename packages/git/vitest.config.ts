import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "git", testTimeout: 60_000 } });
