import { segmentsBelow } from "./folders.ts";
import type { Package } from "./package-index.ts";

/**
 * Module that a JavaScript or TypeScript file is, from its package down: `packages/hub/src/lib/
 * commit.ts` of `@huggingface/hub` is `@huggingface/hub::lib::commit`; `index` is its folder.
 */
export function ecmascriptModulePath(path: string, npmPackage: Package | undefined): string[] {
  const stem = path.replace(/(\.d)?\.[cm]?[jt]sx?$/, "");
  const inside = segmentsBelow(stem, npmPackage?.folder ?? "");
  if (inside[0] === "src" && inside.length > 1) inside.shift();
  if (inside.at(-1) === "index") inside.pop();
  return npmPackage ? [npmPackage.name, ...inside] : inside;
}
