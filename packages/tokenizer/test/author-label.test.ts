import { commit } from "@repotune/test-kit/records";
import { expect, test } from "vitest";
import { authorLabel } from "../src/index.ts";

const ada = commit(0).metadata;

test("an author is a pseudonym, a name, or nobody", () => {
  expect(authorLabel(ada, "hash", "key")).toMatch(/^author-[0-9a-f]{8}$/);
  expect(authorLabel(ada, "keep", "key")).toBe("Ada Lovelace");
  expect(authorLabel(ada, "omit", "key")).toBeUndefined();
});

test("one address has one pseudonym, in any case and by any name", () => {
  const other = { ...ada, canonical_author: "A. L.", canonical_author_email: "ADA@example.com " };
  expect(authorLabel(other, "hash", "key")).toBe(authorLabel(ada, "hash", "key"));
});

test("another address or another history has another pseudonym", () => {
  const other = { ...ada, canonical_author_email: "grace@example.com" };
  const labels = [
    authorLabel(ada, "hash", "one"),
    authorLabel(other, "hash", "one"),
    authorLabel(ada, "hash", "two"),
  ];
  expect(new Set(labels).size).toBe(3);
});

test("without an address the name counts, without both there is nobody", () => {
  const nameless = { ...ada, canonical_author: " ", canonical_author_email: "" };
  const unmailed = { ...ada, canonical_author_email: "" };
  expect(authorLabel(unmailed, "hash", "key")).toMatch(/^author-/);
  expect(authorLabel(nameless, "hash", "key")).toBeUndefined();
});
