import { posix } from "node:path";

/** File name extensions of each language. */
const EXTENSIONS: Record<string, string> = {
  rust: "rs",
  toml: "toml",
  yaml: "yaml yml",
  json: "json jsonc json5",
  markdown: "md markdown mdx",
  restructuredtext: "rst",
  asciidoc: "adoc",
  python: "py pyi",
  typescript: "ts mts cts",
  tsx: "tsx",
  javascript: "js mjs cjs jsx",
  go: "go",
  c: "c h",
  cpp: "cc cpp cxx hpp hh",
  cuda: "cu",
  java: "java",
  kotlin: "kt kts",
  scala: "scala",
  swift: "swift",
  csharp: "cs",
  ruby: "rb",
  php: "php",
  perl: "pl",
  lua: "lua",
  zig: "zig",
  haskell: "hs",
  ocaml: "ml",
  elixir: "ex exs",
  erlang: "erl",
  clojure: "clj",
  r: "r",
  julia: "jl",
  dart: "dart",
  solidity: "sol",
  move: "move",
  shell: "sh bash zsh",
  fish: "fish",
  powershell: "ps1",
  batch: "bat",
  sql: "sql",
  protobuf: "proto",
  graphql: "graphql",
  html: "html htm",
  css: "css",
  scss: "scss",
  less: "less",
  vue: "vue",
  svelte: "svelte",
  xml: "xml svg",
  ini: "ini cfg conf",
  properties: "properties",
  dotenv: "env",
  hcl: "tf hcl",
  nix: "nix",
  makefile: "mk",
  cmake: "cmake",
  csv: "csv tsv",
  text: "txt",
  latex: "tex",
  wgsl: "wgsl",
  glsl: "glsl",
  lean: "lean",
};

const BY_EXTENSION = new Map(
  Object.entries(EXTENSIONS).flatMap(([language, extensions]) =>
    extensions.split(" ").map((extension) => [extension, language] as const),
  ),
);

const BY_NAME = new Map(
  Object.entries({
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
  }),
);

/** Languages in which white space means something, so that moving it is a change. */
const LAYOUT_SENSITIVE = wordSet(`
  python yaml markdown makefile restructuredtext asciidoc haskell text just fish csv
  gitignore
`);

/** Languages that comment with `//` and `/* *\/`. */
const SLASH_COMMENTS = wordSet(`
  rust typescript tsx javascript go c cpp cuda java kotlin scala swift csharp php zig
  dart solidity move protobuf scss less css json hcl wgsl glsl
`);

/** Languages that comment with `#`. */
const HASH_COMMENTS = wordSet(`
  python toml yaml shell fish ruby perl makefile cmake dockerfile just r julia elixir
  ini dotenv properties nix powershell graphql gitignore gitattributes codeowners hcl
`);

function wordSet(words: string): Set<string> {
  return new Set(words.trim().split(/\s+/));
}

/** How a language's text divides into tokens, as far as its comments and layout go. */
export interface Lexis {
  hasSlashComments: boolean;
  hasHashComments: boolean;
  /** Whether white space means something. */
  isLayoutSensitive: boolean;
  /** Whether strings and lifetimes are Rust's. */
  isRust: boolean;
  /** Whether a string that begins a block documents it, as in Python. */
  hasDocstrings: boolean;
}

/** The language of a file, by its name alone; `text` if unknown. */
export function languageOfFile(path: string): string {
  const name = posix.basename(path);
  const known = BY_NAME.get(name);
  if (known) return known;
  if (/^(Dockerfile|Containerfile)[.-]/.test(name)) return "dockerfile";
  if (/^\.env(\.|$)/.test(name)) return "dotenv";
  const dot = name.lastIndexOf(".");
  return (dot > 0 ? BY_EXTENSION.get(name.slice(dot + 1).toLowerCase()) : undefined) ?? "text";
}

/** How the text of a language is divided into tokens. */
export const lexisOf = (language: string): Lexis => ({
  hasSlashComments: SLASH_COMMENTS.has(language),
  hasHashComments: HASH_COMMENTS.has(language),
  isLayoutSensitive: LAYOUT_SENSITIVE.has(language),
  isRust: language === "rust",
  hasDocstrings: language === "python",
});
