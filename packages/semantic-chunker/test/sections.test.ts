import { describe, expect, it } from "vitest";
import { languageOf } from "../src/languages/registry.ts";
import { SourceText } from "../src/source/source-text.ts";
import { isUnitMap } from "../src/source/unit.ts";

async function sections(language: string, text: string) {
  const map = await languageOf(language)?.cut(new SourceText(text));
  if (!map || !isUnitMap(map)) throw new Error(`${language}: ${map}`);
  return map.units.map(({ section, first, last }) => `${section ?? "-"} ${first}-${last}`);
}

describe("TOML", () => {
  it("is cut into tables, comments above a header included", async () => {
    const text = `\
# The workspace.
edition = 2021

# What we need.
[dependencies]
serde = { version = "1", features = [
  "derive",
] }
text = """
[not.a.table]
"""

[[bin]]
name = "a"
[[bin]]   # Another.
name = "b"
[target.'cfg(unix)'.dependencies]
x = "1"
`;
    expect(await sections("toml", text)).toEqual([
      "- 1-2",
      "dependencies 4-11",
      "bin 13-14",
      "bin 15-16",
      "target.'cfg(unix)'.dependencies 17-18",
    ]);
  });

  it("survives a string that never ends", async () => {
    expect(await sections("toml", '[a]\nx = """\n[b]\n')).toEqual(["a 1-3"]);
  });
});

describe("YAML", () => {
  it("is cut at top-level keys, document by document", async () => {
    const text = `\
---
# Builds.
name: build
"on":
  push:
    branches: [main]
run: |
  key: no key
  - no item
---
name: other
- item
`;
    expect(await sections("yaml", text)).toEqual([
      "- 1-1",
      "name 2-3",
      "on 4-6",
      "run 7-9",
      "- 10-10",
      "2: name 11-11",
      "2: - item 12-12",
    ]);
  });
});

describe("JSON", () => {
  it("is cut at the keys of the outermost object", async () => {
    const text = '{\n  "a": { "b": [1, "}"] },\n  "c": [\n    { "d": 1 }\n  ]\n}\n';
    expect(await sections("json", text)).toEqual(["- 1-1", "a 2-2", "c 3-6"]);
  });

  it("is one unit without such keys", async () => {
    expect(await sections("json", "[\n  1\n]\n")).toEqual(["- 1-3"]);
  });
});

describe("Markdown", () => {
  it("is cut at headings outside fences, named by their path", async () => {
    const text = `\
Before.

# Guide #
Text.
## Install
\`\`\`sh
# no heading
\`\`\`
~~~~
# nor this
~~~
~~~~

Use
---

- item
---
| a |
|---|
### Deep
# Next
`;
    expect(await sections("markdown", text)).toEqual([
      "- 1-1",
      "Guide 3-4",
      "Guide > Install 5-12",
      "Guide > Use 14-20",
      "Guide > Use > Deep 21-21",
      "Next 22-22",
    ]);
  });

  it("keeps a front matter out", async () => {
    expect(await sections("markdown", "---\ntitle: x\n---\n# A\n")).toEqual(["- 1-3", "A 4-4"]);
  });
});

describe("every language", () => {
  it.each(["rust", "toml", "yaml", "json", "markdown"])(
    "%s: nothing, and blank lines",
    async (name) => {
      expect(await sections(name, "")).toEqual([]);
      expect(await sections(name, "\n \n\t\r\n")).toEqual([]);
    },
  );
});
