import type { LinkLanguage } from "./link-language.ts";

/** Go: an import means all files of a package, but for its tests. */
export const go: LinkLanguage = {
  name: "go",
  isShared: true,
  namesOf: ({ path, modules }) => (path.endsWith("_test.go") ? [] : [modules.join("/")]),
  importsOf: ({ texts }) =>
    texts.flatMap(({ text }) =>
      Array.from(text.matchAll(/"([^"\n]{1,500})"|`([^`\n]{1,500})`/g), ([, quoted, raw]) => [
        quoted ?? raw ?? "",
      ]),
    ),
};
