import { languageOf } from "../src/languages/registry.ts";
import { SourceText } from "../src/source/source-text.ts";
import { isUnitMap } from "../src/source/unit.ts";

/** Units of a text: kind, qualified name within the file, lines; `*` marks what is for tests. */
export async function unitsOf(language: string, text: string): Promise<string[] | string> {
  const map = await languageOf(language)?.cut(new SourceText(text));
  if (!map || !isUnitMap(map)) return map ?? "no language";
  return map.units.map(({ kind, scope, container, name, first, last, isTest }) => {
    const path = [...scope, ...(container ? [container] : []), ...(name ? [name] : [])];
    const parts = [kind, path.join("::"), first === last ? `${first}` : `${first}-${last}`];
    return parts.filter(Boolean).join(" ") + (isTest ? " *" : "");
  });
}
