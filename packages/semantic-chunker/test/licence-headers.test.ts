import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { headerOf } from "../src/hygiene/licence-header.ts";
import { chunkRepository, expectComplete } from "./collect.ts";

const notice = (year: number) =>
  `// Copyright ${year} The Authors. All rights reserved.\n// Use of this source code is governed by a licence.\n\n`;
const credits = "// Part of Weaver,\n// woven with care in 2021.\n";

describe("a header", () => {
  it.each([
    ["// Copyright 2020 A\n// and B\n\nfn a() {}", "rust", 0, 3],
    ["#!/bin/sh\n# SPDX-License-Identifier: MIT\necho", "shell", 1, 1],
    ["/*\n * Licensed under the Apache License\n */\nint a;", "c", 0, 3],
    ["<!-- (c) 2019 A -->\n\n# Title", "markdown", 0, 2],
    ["-- Copyright (C) A\nmodule A where", "haskell", 0, 1],
    ["/**\n * @license MIT\n */\n\n\nexport {};", "typescript", 0, 5],
  ])("of a licence: %j", (code, language, first, count) => {
    expect(headerOf(code, language)).toMatchObject({ first, count, isLicence: true });
  });

  it.each([
    ["// Reads files.\n// Copyright applies.\nfn a() {}", "rust"],
    ["# copyright reminder of the day: none\nx = 1", "python"],
  ])("that may be one: %j", (code, language) => {
    expect(headerOf(code, language)?.isLicence).toBe(code.includes("copyright"));
  });

  it.each([
    ["//! Copyright of the crate.\nfn a() {}", "rust"],
    ["/// Copyright\nfn a() {}", "rust"],
    ["#[allow(dead_code)]\nfn a() {}", "rust"],
    ["#include <copyright.h>\n", "c"],
    ["//go:build linux\n", "go"],
    ["# Licence\n\nMIT\n", "markdown"],
    ["---\ntitle: Copyright\n", "yaml"],
    ["/* Copyright 2020 */ int a;", "c"],
    ["/* Copyright 2020", "c"],
    ["", "rust"],
    [`// Copyright 2020\n${"// and so on\n".repeat(200)}`, "rust"],
  ])("is not %j", (code, language) => {
    expect(headerOf(code, language)).toBeUndefined();
  });

  it("is the same in another year and layout", () => {
    const words = ["// Copyright 2020 A\n//   B", "/*\n * copyright 2021 A\n * B\n */"].map(
      (code) => headerOf(code, "c")?.words,
    );
    expect(words[0]).toBe("copyright 0 a\nb");
    expect(words[1]).toBe(words[0]);
  });
});

describe("a history with licence headers", () => {
  it("has them in patches, not in code", async () => {
    const repository = gitRepository();
    repository.commit("Add", { "a.swift": `${notice(2020)}int a = 1;\nint b = 2;\n` });
    repository.commit("Change", { "a.swift": `${notice(2020)}int a = 1;\nint b = 3;\n` });
    const { chunks, counts, commits } = await chunkRepository(repository);
    expectComplete(commits, chunks);
    const added = chunks[0];
    expect(added).toMatchObject({
      header_lines: { old: 0, new: 3 },
      line_range: { old: null, new: [1, 5] },
      additions: 5,
    });
    expect(added?.new_code).toBe("int a = 1;\nint b = 2;");
    expect(added?.patch).toContain("+// Copyright 2020");
    // The hunk of the change begins within the header.
    expect(counts.hygiene).toMatchObject({ stripped_headers: 1, boilerplate_chunks: 0 });

    const kept = await chunkRepository(repository, { includeLicenceHeaders: true }, commits);
    expect(kept.chunks[0]?.new_code).toContain("Copyright");
    expect(kept.counts.hygiene).toMatchObject({ stripped_headers: 0 });
  });

  it("says which chunks change nothing else", async () => {
    const repository = gitRepository();
    repository.commit("Add", { "a.swift": `${notice(2020)}int a = 1;\n`, "b.swift": notice(2020) });
    repository.commit("A new year", { "a.swift": `${notice(2021)}int a = 1;\n` });
    const { chunks, counts } = await chunkRepository(repository);
    expect(chunks.map((chunk) => chunk.is_boilerplate)).toEqual([undefined, true, true]);
    expect(chunks.at(-1)?.new_code).toContain("Copyright 2021");
    expect(counts.hygiene).toMatchObject({ stripped_headers: 1, boilerplate_chunks: 2 });
  });

  it("marks them where a language makes them units of their own", async () => {
    const repository = gitRepository();
    repository.commit("Add", { "a.c": `${notice(2020)}int a = 1;\n` });
    const { chunks } = await chunkRepository(repository);
    expect(chunks.map((chunk) => [chunk.new_code, chunk.is_boilerplate])).toEqual([
      [notice(2020).trimEnd(), true],
      ["int a = 1;", undefined],
    ]);
  });

  it("tells unknown headers by their repetition, from the fifth file on", async () => {
    const repository = gitRepository();
    for (let change = 0; change < 6; change += 1) {
      repository.commit("Change", { "a.swift": `${credits}\nint a = ${change};\n` });
    }
    for (const name of ["b.swift", "c.swift", "d.swift", "e.swift", "f.swift"]) {
      repository.commit("Add", { [name]: `${credits}\nint ${name[0]} = 1;\n` });
    }
    const { chunks } = await chunkRepository(repository);
    expect(chunks.map((chunk) => chunk.header_lines?.new ?? 0)).toEqual([
      ...[0, 0, 0, 0, 0, 0],
      ...[0, 0, 0, 3, 3],
    ]);
  });
});
