import { posix } from "node:path";

/** Folders of tests and of what they read. */
const FOLDER = /\/(tests?|__tests__|_tests_|testdata)\//;

/** Folders of specifications, which are tests to some. */
const SPEC_FOLDER = /\/specs?\//;

/** What a language's tools take for a test. */
interface Convention {
  name?: RegExp;
  /** Whether {@link SPEC_FOLDER} holds. */
  hasSpecs?: boolean;
}

/** `x.test.ts`, `x-test.sh`, `tests.js`, `x_spec.rb` */
const ANY_NAME = /(^|[._-])(tests?|spec)\.[a-z]+$|^test_/i;

const ecmascript: Convention = { name: ANY_NAME, hasSpecs: true };

/**
 * Which names the tools of a language take for tests. In Rust, what a file is called says little:
 * `cargo_test.rs` is about tests, and attributes tell those that are.
 */
const LANGUAGES = new Map<string, Convention>(
  Object.entries({
    rust: { name: /(^|_)tests\.rs$/ },
    go: { name: /_test\.go$/ },
    python: { name: /^(tests?|test_.*|.*_tests?|conftest)\.py$/ },
    java: { name: /(Test|Tests|TestCase)\.java$/ },
    c: { name: /(^|[._-])(tests?|unittest)\.c$|^test[_-].*\.c$/ },
    cpp: { name: /(^|[._-])(tests?|unittest)\.(cc|cpp|cxx)$|^test[_-].*\.(cc|cpp|cxx)$/ },
    javascript: ecmascript,
    typescript: ecmascript,
    tsx: ecmascript,
    ruby: ecmascript,
    // Pages and styles are tests only by where they stand.
    html: {},
    css: {},
    scss: {},
  }),
);

const OTHER: Convention = { name: ANY_NAME };

/** Whether a file of source belongs to tests, by its path. */
export function isTestPath(path: string, language: string): boolean {
  const folders = `/${posix.dirname(path)}/`;
  const { name, hasSpecs = false } = LANGUAGES.get(language) ?? OTHER;
  return (
    FOLDER.test(folders) ||
    (hasSpecs && SPEC_FOLDER.test(folders)) ||
    (name?.test(posix.basename(path)) ?? false)
  );
}
