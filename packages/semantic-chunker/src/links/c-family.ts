import { posix } from "node:path";
import { folderOf } from "../modules/folders.ts";
import type { LinkLanguage } from "./link-language.ts";

/** Folders that an `#include` names, at most; all but the innermost are where compilers look. */
const MAX_FOLDERS = 4;

/**
 * C and C++: `#include "…"` is looked for beside the file, and then, as we do not know a compiler's
 * options, wherever a path ends so.
 */
export const cFamily: LinkLanguage = {
  name: "c",
  namesOf({ path }) {
    const parts = path.split("/");
    const ends = parts.slice(-MAX_FOLDERS).map((_, index, all) => all.slice(index).join("/"));
    return [`./${path}`, ...ends];
  },
  importsOf: ({ path, texts }) =>
    texts.flatMap(({ text }) =>
      Array.from(text.matchAll(/#\s*include\s*"([^"\n]{1,500})"/g), ([, name = ""]) => [
        `./${posix.join(folderOf(path), name)}`,
        posix.normalize(name).replace(/^(\.\.\/)+/, ""),
      ]),
    ),
};
