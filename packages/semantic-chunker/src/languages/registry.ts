import { c } from "./c.ts";
import { cpp } from "./cpp.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import { javascript } from "./javascript.ts";
import { json } from "./json.ts";
import type { Language } from "./language.ts";
import { markdown } from "./markdown.ts";
import { python } from "./python.ts";
import { rust } from "./rust/rust.ts";
import { shell } from "./shell.ts";
import { toml } from "./toml.ts";
import { tsx, typescript } from "./typescript.ts";
import { yaml } from "./yaml.ts";

const languages = new Map<string, Language>(
  [
    ...[rust, python, typescript, tsx, javascript, go, java, c, cpp, shell],
    ...[toml, yaml, json, markdown],
  ].map((language) => [language.name, language]),
);

/** How the language called `name` is cut; undefined for those that are cut by hunk. */
export const languageOf = (name: string): Language | undefined => languages.get(name);
