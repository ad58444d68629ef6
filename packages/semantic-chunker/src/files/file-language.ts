import { posix } from "node:path";

const BY_EXTENSION: Record<string, string> = {
  rs: "rust",
  toml: "toml",
  yaml: "yaml",
  yml: "yaml",
  json: "json",
  jsonc: "json",
  json5: "json",
  md: "markdown",
  markdown: "markdown",
  mdx: "markdown",
  rst: "restructuredtext",
  adoc: "asciidoc",
  py: "python",
  pyi: "python",
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "tsx",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  go: "go",
  c: "c",
  h: "c",
  cc: "cpp",
  cpp: "cpp",
  cxx: "cpp",
  hpp: "cpp",
  hh: "cpp",
  cu: "cuda",
  java: "java",
  kt: "kotlin",
  kts: "kotlin",
  scala: "scala",
  swift: "swift",
  cs: "csharp",
  rb: "ruby",
  php: "php",
  pl: "perl",
  lua: "lua",
  zig: "zig",
  hs: "haskell",
  ml: "ocaml",
  ex: "elixir",
  exs: "elixir",
  erl: "erlang",
  clj: "clojure",
  r: "r",
  jl: "julia",
  dart: "dart",
  sol: "solidity",
  move: "move",
  sh: "shell",
  bash: "shell",
  zsh: "shell",
  fish: "fish",
  ps1: "powershell",
  bat: "batch",
  sql: "sql",
  proto: "protobuf",
  graphql: "graphql",
  html: "html",
  htm: "html",
  css: "css",
  scss: "scss",
  less: "less",
  vue: "vue",
  svelte: "svelte",
  xml: "xml",
  svg: "xml",
  ini: "ini",
  cfg: "ini",
  conf: "ini",
  properties: "properties",
  env: "dotenv",
  tf: "hcl",
  hcl: "hcl",
  nix: "nix",
  mk: "makefile",
  cmake: "cmake",
  csv: "csv",
  tsv: "csv",
  txt: "text",
  tex: "latex",
  wgsl: "wgsl",
  glsl: "glsl",
  lean: "lean",
};

const BY_NAME: Record<string, string> = {
  Makefile: "makefile",
  GNUmakefile: "makefile",
  makefile: "makefile",
  Justfile: "just",
  justfile: "just",
  Dockerfile: "dockerfile",
  Containerfile: "dockerfile",
  Jenkinsfile: "groovy",
  "CMakeLists.txt": "cmake",
  Gemfile: "ruby",
  Rakefile: "ruby",
  "Cargo.lock": "toml",
  "poetry.lock": "toml",
  ".gitignore": "gitignore",
  ".dockerignore": "gitignore",
  ".gitattributes": "gitattributes",
  ".editorconfig": "ini",
  "rust-toolchain": "toml",
  CODEOWNERS: "codeowners",
};

/** Languages in which white space means something, so that moving it is a change. */
const LAYOUT_SENSITIVE = new Set([
  "python",
  "yaml",
  "markdown",
  "makefile",
  "restructuredtext",
  "asciidoc",
  "haskell",
  "text",
  "just",
  "fish",
  "csv",
  "gitignore",
]);

/** Languages that comment with `//` and `/* … *\/`. */
const SLASH_COMMENTS = new Set([
  "rust",
  "typescript",
  "tsx",
  "javascript",
  "go",
  "c",
  "cpp",
  "cuda",
  "java",
  "kotlin",
  "scala",
  "swift",
  "csharp",
  "php",
  "zig",
  "dart",
  "solidity",
  "move",
  "protobuf",
  "scss",
  "less",
  "css",
  "json",
  "hcl",
  "wgsl",
  "glsl",
]);

/** Languages that comment with `#`. */
const HASH_COMMENTS = new Set([
  "python",
  "toml",
  "yaml",
  "shell",
  "fish",
  "ruby",
  "perl",
  "makefile",
  "cmake",
  "dockerfile",
  "just",
  "r",
  "julia",
  "elixir",
  "ini",
  "dotenv",
  "properties",
  "nix",
  "powershell",
  "graphql",
  "gitignore",
  "gitattributes",
  "codeowners",
  "hcl",
]);

/** How a language's text divides into tokens, as far as its comments and layout go. */
export interface Lexis {
  hasSlashComments: boolean;
  hasHashComments: boolean;
  /** Whether white space means something. */
  isLayoutSensitive: boolean;
  /** Whether strings and lifetimes are Rust's. */
  isRust: boolean;
}

/** The language of a file, by its name alone; `text` if unknown. */
export function languageOfFile(path: string): string {
  const name = posix.basename(path);
  const known = BY_NAME[name];
  if (known) return known;
  if (/^(Dockerfile|Containerfile)[.-]/.test(name)) return "dockerfile";
  if (/^\.env(\.|$)/.test(name)) return "dotenv";
  const dot = name.lastIndexOf(".");
  return (dot > 0 ? BY_EXTENSION[name.slice(dot + 1).toLowerCase()] : undefined) ?? "text";
}

/** How the text of a language is divided into tokens. */
export const lexisOf = (language: string): Lexis => ({
  hasSlashComments: SLASH_COMMENTS.has(language),
  hasHashComments: HASH_COMMENTS.has(language),
  isLayoutSensitive: LAYOUT_SENSITIVE.has(language),
  isRust: language === "rust",
});
