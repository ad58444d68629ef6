import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "ggml", testTimeout: 60_000 } });
