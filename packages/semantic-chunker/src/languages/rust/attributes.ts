/** Attributes, by the last segment of their path, that make a function a test. */
const TEST = /#\[\s*(?:\w+\s*::\s*)*(?:test|bench|rstest|test_case|quickcheck|wasm_bindgen_test)\b/;

/** Whether attributes make a function a test or a benchmark. */
export const isTestAttribute = (attributes: string): boolean => TEST.test(attributes);

/** Whether attributes restrict an item to tests: `cfg(test)`, `cfg(all(test, unix))`. */
export function isCfgTest(attributes: string): boolean {
  if (!attributes.includes("cfg")) return false;
  const names = attributes.replace(/"[^"]*"/g, ""); // `feature = "test"` is no test.
  return /\bcfg\s*\([^\]]*\btest\b/.test(names) && !/\bnot\s*\(\s*test\b/.test(names);
}
