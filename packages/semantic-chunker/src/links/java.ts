import { posix } from "node:path";
import type { LinkedFile, LinkLanguage } from "./link-language.ts";

/** Java: by the package that a file declares, and the class it is called after. */
export const java: LinkLanguage = {
  name: "java",
  isShared: true,
  namesOf(file) {
    const own = packageOf(file).join(".");
    return [`${own}.${posix.basename(file.path, ".java")}`, `${own}.*`];
  },
  importsOf: ({ texts }) =>
    texts.flatMap(({ text }) =>
      Array.from(text.matchAll(/\bimport\s+(?:static\s+)?([\w.]+\*?)\s*;/g), ([, name = ""]) => {
        const parts = name.split(".");
        // The class may be followed by one inside it, by a member, or by all members.
        return [0, 1, 2].map((cut) => parts.slice(0, parts.length - cut).join("."));
      }),
    ),
};

/** The declaration of the package stands among the imports. */
const packageOf = ({ texts }: LinkedFile) =>
  texts.find(({ scope }) => scope.length > 0)?.scope ?? [];
