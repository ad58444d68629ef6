import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "trainer", testTimeout: 60_000 } });
