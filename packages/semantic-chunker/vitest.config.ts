import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "semantic-chunker", testTimeout: 60_000 } });
