import { describe, expect, it } from "vitest";
import { languageOfFile } from "../src/files/file-language.ts";
import { roleOfFile } from "../src/files/file-role.ts";

describe("the role of a file", () => {
  it.each([
    // Real paths: of cargo, axum, ripgrep, flask, cobra, huggingface.js, gson, git, fmt.
    ["src/cargo/ops/cargo_test.rs", "source"],
    ["src/cargo/core/package_id_spec.rs", "source"],
    ["src/bin/cargo/commands/test.rs", "source"],
    ["axum-macros/src/axum_test.rs", "source"],
    ["axum/src/middleware/security.rs", "source"],
    ["axum/src/routing/tests/nest.rs", "test"],
    ["examples/compression/src/tests.rs", "test"],
    ["examples/testing/src/main.rs", "example"],
    ["tests/testsuite/cargo_add/build/mod.rs", "test"],
    ["benches/capture/main.rs", "bench"],
    ["src/flask/testing.py", "source"],
    ["tests/conftest.py", "test"],
    ["examples/rest_api_blog/test_app.py", "test"],
    ["pkgid-spec.html", "other"],
    ["tests/templates/_macro.html", "test"],
    ["docs/_themes/layout.html", "documentation"],
    ["CHANGES", "documentation"],
    ["LICENSE-MIT", "documentation"],
    ["cobra/cmd/test.go", "source"],
    ["cobra/cmd/license_mit.go", "source"],
    ["command_test.go", "test"],
    ["packages/hub/src/utils/XetBlob.spec.ts", "test"],
    ["packages/jinja/test/e2e.test.js", "test"],
    ["packages/tasks/src/tasks/chat-completion/spec/input.json", "data"],
    ["gson/src/test/java/com/google/gson/JsonArrayTest.java", "test"],
    ["shrinker-test/src/main/java/com/example/TestExecutor.java", "example"],
    ["t/helper/test-delta.c", "test"],
    ["test/format-test.cc", "test"],
    ["constructor.rs", "source"],
  ])("at %s is %s", (path, role) => {
    expect(roleOfFile(path, languageOfFile(path))).toBe(role);
  });

  it("is found in a language that every object has by name", () => {
    expect(roleOfFile("a_test.x", "constructor")).toBe("test");
  });
});
