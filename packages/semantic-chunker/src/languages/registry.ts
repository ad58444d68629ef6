import { json } from "./json.ts";
import type { Language } from "./language.ts";
import { markdown } from "./markdown.ts";
import { rust } from "./rust/rust.ts";
import { toml } from "./toml.ts";
import { yaml } from "./yaml.ts";

const languages = new Map<string, Language>(
  [rust, toml, yaml, json, markdown].map((language) => [language.name, language]),
);

/** How the language called `name` is cut; undefined for those that are cut by hunk. */
export const languageOf = (name: string): Language | undefined => languages.get(name);
