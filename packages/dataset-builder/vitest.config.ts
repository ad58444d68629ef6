import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "dataset-builder", testTimeout: 60_000 } });
