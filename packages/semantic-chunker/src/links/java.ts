import { posix } from "node:path";
import type { FileSide } from "../match/file-change.ts";
import { importTexts, USE } from "./import-texts.ts";
import type { LinkLanguage } from "./link-language.ts";

/** Java: by the package that a file declares, and the class it is called after. */
export const java: LinkLanguage = {
  name: "java",
  isShared: true,
  namesOf({ path, side }) {
    const own = packageOf(side).join(".");
    return [`${own}.${posix.basename(path, ".java")}`, `${own}.*`];
  },
  importsOf: ({ side }) =>
    importTexts(side, USE).flatMap(({ text }) =>
      Array.from(text.matchAll(/\bimport\s+(?:static\s+)?([\w.]+\*?)\s*;/g), ([, name = ""]) => {
        const parts = name.split(".");
        // The class may be followed by one inside it, by a member, or by all members.
        return [0, 1, 2].map((cut) => parts.slice(0, parts.length - cut).join("."));
      }),
    ),
};

const packageOf = ({ map }: FileSide) =>
  map.units.find(({ scope }) => scope.length > 0)?.scope ?? [];
