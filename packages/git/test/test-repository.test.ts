import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";

test("a built repository is sound, and the same each time", () => {
  const build = (objectFormat: "sha1" | "sha256") => {
    const repository = gitRepository({ objectFormat });
    repository.commit("Add the parser", {
      "src/parse.rs": "fn parse() {}\n",
      run: { content: "#!/bin/sh\n", mode: "100755" },
    });
    repository.checkout("topic", { create: true });
    const id = repository.commit("Move it", {
      "src/parse.rs": null,
      "src/read.rs": "fn parse() {}\n",
    });
    repository.checkout("main");
    repository.commit("Link", [[Buffer.from([0x66, 0xff]), { symlink: "run" }]]);
    repository.merge("topic");
    repository.tag("v1", { message: "First" });
    expect(repository.git("fsck", "--strict")).toBe("");
    expect(repository.git("log", "--format=%s", "--date-order")).toBe(
      "Merge branch 'topic'\nLink\nMove it\nAdd the parser",
    );
    expect(repository.clone({ depth: 1, bare: true }).git("rev-list", "--count", "HEAD")).toBe("1");
    repository.checkout(id);
    expect(repository.commit("Detached")).toBe(repository.git("rev-parse", "HEAD"));
    repository.removeObject(repository.git("rev-parse", `${id}:src/read.rs`));
    expect(() => repository.git("fsck")).toThrow(/missing blob/);
    return repository.git("for-each-ref");
  };
  expect(build("sha1")).toBe(build("sha1"));
  expect(build("sha256")).toBe(build("sha256"));
});
