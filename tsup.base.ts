import { defineConfig, type Options } from "tsup";

/** Shared build: ESM only, Node 20; declarations come from tsc. */
export const library = (entry: NonNullable<Options["entry"]>): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry,
    format: "esm",
    target: "node20",
    platform: "node",
    dts: false,
    sourcemap: true,
    clean: true,
    treeshake: true,
  } satisfies Options);
