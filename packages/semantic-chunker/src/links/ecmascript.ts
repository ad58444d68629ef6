import { posix } from "node:path";
import { folderOf } from "../modules/folders.ts";
import type { LinkLanguage } from "./link-language.ts";

const EXTENSION = /(\.d)?\.[cm]?[jt]sx?$/;

const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*(?:"([^"\n]{1,500})"|'([^'\n]{1,500})')/g;

/**
 * JavaScript and TypeScript: by relative paths, of which the extension and `index` may be left out,
 * and packages of the same repository by their names.
 */
export const ecmascript: LinkLanguage = {
  name: "ecmascript",
  namesOf({ path, modules }) {
    const stem = path.replace(EXTENSION, "");
    const isIndex = posix.basename(stem) === "index";
    return [`./${stem}`, ...(isIndex ? [`./${folderOf(stem)}`] : []), modules.join("/")];
  },
  importsOf: ({ path, texts }) =>
    texts.flatMap(({ text }) =>
      Array.from(text.matchAll(SPECIFIER), ([, double, single]) => {
        const name = double ?? single ?? "";
        if (!name.startsWith("."))
          return [name, name.replace(/\/src\//, "/").replace(EXTENSION, "")];
        // `./x.js` can be what `x.ts` becomes; a file may be called `x.js.ts`, too.
        const target = `./${posix.join(folderOf(path), name)}`.replace(/\/$/, "");
        return [target.replace(EXTENSION, ""), target];
      }),
    ),
};
