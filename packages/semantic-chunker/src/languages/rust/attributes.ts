import type { Mark } from "../syntax/syntax.ts";

/** Attributes, by the last segment of their path, that make a function a test: `#[tokio::test]`. */
const TEST = /#\[\s*(?:\w+\s*::\s*)*(?:test|\w+_test|bench|rstest|test_case|quickcheck)\s*[\](=]/;

const CFG = /#\[\s*cfg\s*\(([^\]]{0,1000})\)\s*\]/g;

/**
 * What attributes say of an item: a function is a test or a benchmark; or it is only there for
 * tests, by `cfg(test)` or `cfg(all(test, unix))`.
 */
export function markOf(attributes: string): Mark {
  if (TEST.test(attributes)) return "test";
  return isCfgTest(attributes) ? "test_only" : undefined;
}

function isCfgTest(attributes: string): boolean {
  if (!attributes.includes("cfg")) return false;
  const names = attributes.replace(/"[^"]*"/g, ""); // `feature = "test"` is no test.
  return /\bcfg\s*\([^\]]{0,1000}\btest\b/.test(names) && !/\bnot\s*\(\s*test\b/.test(names);
}

/** The conditions of `cfg` attributes, such as `unix`, without white space. */
export function variantOf(attributes: string): string {
  if (!attributes.includes("cfg")) return "";
  return Array.from(
    attributes.matchAll(CFG),
    ([, condition = ""]) => `${condition.replace(/\s/g, "")};`,
  ).join("");
}
