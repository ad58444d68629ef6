import type { Mark } from "../syntax/syntax.ts";

/** Attributes, by the last segment of their path, that make a function a test. */
const TEST = /#\[\s*(?:\w+\s*::\s*)*(?:test|bench|rstest|test_case|quickcheck|wasm_bindgen_test)\b/;

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
  return /\bcfg\s*\([^\]]*\btest\b/.test(names) && !/\bnot\s*\(\s*test\b/.test(names);
}
