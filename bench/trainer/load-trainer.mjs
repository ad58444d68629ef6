// Bundles the packages' sources as they are now, so that benchmarks can reach the engine without the
// packages publishing it, and always measure what is in the working tree.
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const source = (name) => join(root, "packages", name, "src/index.ts");

let bundlePath;

/**
 * Path of the bundle, which a parent hands to its children, so that all run the same.
 *
 * @param {string} [given] path that a parent handed over.
 */
export function trainerBundle(given) {
  bundlePath ??= given ?? bundle();
  return bundlePath;
}

/**
 * The exports of `internals.ts`.
 *
 * @returns {Promise<typeof import("./internals.ts")>}
 */
export const loadTrainer = () => import(pathToFileURL(trainerBundle()).href);

/** Resolves a dependency of the packages, which the workspace's root has not. */
export const requireFromGgml = createRequire(join(root, "packages/ggml/package.json"));

function bundle() {
  // esbuild comes with tsup. The bundle lies where koffi and the libraries can be found.
  const { resolve } = createRequire(import.meta.url);
  const { buildSync } = createRequire(resolve("tsup"))("esbuild");
  const folder = join(root, "packages/ggml/node_modules/.bench");
  const outfile = join(folder, `dist/internals-${process.pid}.mjs`);
  buildSync({
    entryPoints: [fileURLToPath(new URL("internals.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["koffi", "node-llama-cpp"],
    alias: {
      "@repotune/ggml": source("ggml"),
      "@repotune/schema": source("schema"),
    },
    logLevel: "error",
  });
  // Reports name the package that made them, which stands one folder up.
  writeFileSync(join(folder, "package.json"), '{ "name": "bench", "version": "0.0.0" }\n');
  process.on("exit", () => rmSync(outfile, { force: true }));
  return outfile;
}
