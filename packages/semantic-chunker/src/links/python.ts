import { posix } from "node:path";
import type { LinkedFile, LinkLanguage } from "./link-language.ts";

const STATEMENT =
  /\bfrom\s+(\.*)\s*([\w.]*)\s+import\s+(?:\(([^()]{0,9999})\)|([^\n;(]{0,999}))|\bimport\s+([^\n;(]{1,999})/g;

/** Python: by modules, absolute or relative. What is imported from a package may be a module of it. */
export const python: LinkLanguage = {
  name: "python",
  namesOf: ({ modules }) => [modules.join(".")],
  importsOf: (file) =>
    file.texts.flatMap(({ text }) => {
      const plain = text.replace(/#.*/g, "").replace(/\\\r?\n/g, " ");
      return [...plain.matchAll(STATEMENT)].flatMap(
        ([, dots = "", from = "", many, few, direct]) => {
          if (direct !== undefined) return namesIn(direct).map((name) => wherever(name, file));
          return namesIn(many ?? few ?? "").map((name) => {
            const whole = name === "*" ? from : [from, name].filter(Boolean).join(".");
            if (dots === "") return wherever(whole, file);
            const around = packageOf(file).slice(0, packageOf(file).length + 1 - dots.length);
            return withoutEnd([...around, ...whole.split(".").filter(Boolean)], around.length);
          });
        },
      );
    }),
};

/** `a as b, c` */
const namesIn = (list: string) =>
  list
    .split(",")
    .map((name) => name.trim().split(/\s/)[0] ?? "")
    .filter(Boolean);

/** Where an absolute import may lead: from a root; or, for scripts and tests, beside the file. */
function wherever(name: string, file: LinkedFile): string[] {
  const parts = name.split(".");
  const beside = packageOf(file);
  return [...withoutEnd(parts, 1), ...withoutEnd([...beside, ...parts], beside.length + 1)];
}

/** The name, and the module that the last part of it may be defined in. */
const withoutEnd = (parts: string[], least: number) =>
  [parts, parts.slice(0, -1)].filter(({ length }) => length >= least).map((all) => all.join("."));

const packageOf = ({ path, modules }: LinkedFile) =>
  /^__init__\.pyi?$/.test(posix.basename(path)) ? modules : modules.slice(0, -1);
