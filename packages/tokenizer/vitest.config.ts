import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "tokenizer", testTimeout: 60_000 } });
