import { cFamily } from "./c-family.ts";
import { ecmascript } from "./ecmascript.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import type { LinkLanguage } from "./link-language.ts";
import { python } from "./python.ts";
import { rust } from "./rust.ts";

const languages = new Map<string, LinkLanguage>([
  ["rust", rust],
  ["python", python],
  ["javascript", ecmascript],
  ["typescript", ecmascript],
  ["tsx", ecmascript],
  ["go", go],
  ["java", java],
  ["c", cFamily],
  ["cpp", cFamily],
]);

/** How files of a language name each other; undefined where that is not known. */
export const linkLanguageOf = (language: string): LinkLanguage | undefined =>
  languages.get(language);
