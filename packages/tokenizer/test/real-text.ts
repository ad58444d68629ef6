import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** This package's own sources: real code, at hand in every checkout. */
export function realTexts(): string[] {
  const root = fileURLToPath(new URL("../src", import.meta.url));
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()
    .map((path) => readFileSync(path, "utf8"));
}
