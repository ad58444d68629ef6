import { posix } from "node:path";
import type { Chunk } from "@repotune/schema";
import { isTestPath } from "./test-names.ts";

/** Role of a file, as in a chunk's `file_type`. */
export type FileRole = Chunk["file_type"];

const DOCUMENTATION = new Set(["markdown", "restructuredtext", "asciidoc", "latex"]);
const CONFIGURATION = new Set([
  "toml",
  "yaml",
  "ini",
  "properties",
  "dotenv",
  "dockerfile",
  "makefile",
  "just",
  "cmake",
  "hcl",
  "nix",
  "gitignore",
  "gitattributes",
  "codeowners",
]);
const DATA = new Set(["csv", "xml"]);
const NO_SOURCE = new Set(["text", "html"]);

/** File names without a telling extension that are documents wherever they stand. */
const DOCUMENT_NAME =
  /^(readme|license|licence|copying|copyright|notice|authors|contributors|maintainers|changelog|changes|news|contributing|security|code_of_conduct|todo)([._-].*)?$/i;

/** Folders of a continuous integration service. */
const CI = /(^|\/)\.(github|gitlab|circleci|buildkite|woodpecker|husky|config|cargo|vscode)\//;

/** What a file is for, by its path and language. */
export function roleOfFile(path: string, language: string): FileRole {
  const name = posix.basename(path);
  if (DOCUMENTATION.has(language)) return "documentation";
  if (CONFIGURATION.has(language) || CI.test(path)) return "configuration";
  const folders = `/${posix.dirname(path)}/`;
  const isProse =
    NO_SOURCE.has(language) && (DOCUMENT_NAME.test(name) || /\/docs?\//.test(folders));
  if (isProse) return "documentation";
  if (language !== "text" && language !== "json" && !DATA.has(language)) {
    if (isTestPath(path, language)) return "test";
    if (/\/bench(es|marks?)?\//.test(folders)) return "bench";
    if (/\/examples?\//.test(folders)) return "example";
  }
  if (language === "json") {
    return /(config|package|tsconfig|settings|manifest|schema|rc)\b/i.test(name) ||
      posix.dirname(path) === "."
      ? "configuration"
      : "data";
  }
  if (DATA.has(language)) return "data";
  return NO_SOURCE.has(language) ? "other" : "source";
}
