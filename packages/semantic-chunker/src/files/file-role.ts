import { posix } from "node:path";
import type { Chunk } from "@repotune/schema";

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

const TEST_NAME = /(^|[._-])(test|tests|spec)\.[a-z]+$|^(test_|conftest\.)|_test\.[a-z]+$/i;

/** What a file is for, by its path and language. */
export function roleOfFile(path: string, language: string): FileRole {
  const name = posix.basename(path);
  if (DOCUMENTATION.has(language)) return "documentation";
  if (CONFIGURATION.has(language) || CI.test(path)) return "configuration";
  const folders = `/${posix.dirname(path)}/`;
  if (language !== "text" && language !== "json" && !DATA.has(language)) {
    if (/\/(tests?|__tests__|testing|spec)\//.test(folders) || TEST_NAME.test(name)) return "test";
    if (/\/bench(es|marks?)?\//.test(folders)) return "bench";
    if (/\/examples?\//.test(folders)) return "example";
  }
  if (DOCUMENT_NAME.test(name)) return "documentation";
  if (/\/docs?\//.test(folders) && (language === "text" || language === "html")) {
    return "documentation";
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
