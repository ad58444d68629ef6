// Installs packages that are only compared with, into a temporary folder.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * @param packages exact names and versions, such as "tokenizers@0.23.2".
 * @returns a `require` that finds them. The folder is removed when the program ends.
 */
export function installPeers(...packages) {
  const folder = mkdtempSync(join(tmpdir(), "repotune-peers-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), "{}");
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...options, ...packages], {
    cwd: folder,
    shell: process.platform === "win32",
  });
  return createRequire(join(folder, "package.json"));
}
