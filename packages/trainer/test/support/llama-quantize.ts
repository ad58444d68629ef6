import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Device } from "@repotune/ggml";
import { declareLlamaQuantize } from "../../../ggml/test/support/declare-llama-quantize.ts";

// koffi and the libraries are dependencies of @repotune/ggml, which must be the first to use them.
Device.open("cpu", 1).dispose();
const requireHere = createRequire(import.meta.url);
const requireThere = createRequire(requireHere.resolve("@repotune/ggml/package.json"));

function llamaLibrary(): string {
  const os = { linux: "linux", darwin: "mac", win32: "win" }[process.platform as string];
  const platform = `${os}-${process.arch}${os === "mac" && process.arch === "arm64" ? "-metal" : ""}`;
  const entry = requireThere.resolve(`@node-llama-cpp/${platform}`);
  const folder = join(dirname(entry), "..", "bins", platform);
  const file = readdirSync(folder).find((name) => /^(lib)?llama\.[^-]*(so|dylib|dll)$/.test(name));
  return join(folder, file as string);
}

/** Quantises a model with llama.cpp's own code, of the release that training runs on. */
export const llamaQuantize = declareLlamaQuantize(requireThere("koffi"), llamaLibrary());
