import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRepository } from "@repotune/git";
import type { Person } from "@repotune/schema";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, onTestFinished, test } from "vitest";
import { canonicalPeople } from "../src/identity/mailmap.ts";
import { personKey } from "../src/identity/person.ts";

async function mapped(path: string, people: readonly Person[]): Promise<Map<string, Person>> {
  const repository = await openRepository(path);
  onTestFinished(() => repository.close());
  return canonicalPeople(repository, () => people);
}

/** Authors of all commits as they are and as git maps them, in a bare clone. */
function authorsByGit(repository: TestRepository): { person: Person; canonical: Person }[] {
  const log = repository.clone({ bare: true }).git("log", "--format=%an%x00%ae%x00%aN%x00%aE");
  return log.split("\n").map((line) => {
    const [name = "", email = "", newName = "", newEmail = ""] = line.split("\0");
    return { person: { name, email }, canonical: { name: newName, email: newEmail } };
  });
}

const mailmap = `# Comment
Ada Lovelace <ada@home>
<grace@navy> <grace@vax>
Grace Hopper <grace@navy> <amazing@cobol>
Alan Turing <alan@bletchley> Prof <shared@office>
Joan Clarke <joan@bletchley> joan <shared@office>
Somebody <some@body> <shared@office>
José Núñez <jose@example.org> <JOSE@old>
a > b <odd<address@x> <odd@x>
No Address <none@x> Anonymous <>
Mixed <Mixed@Case> <mixed@case>
broken <line
`;

const authors = [
  ...["ada <ada@home>", "Augusta <ADA@HOME>", "Ada Lovelace <ada@home>", "Ada <ada@homestead>"],
  ...["Grace <grace@vax>", "G. Hopper <Grace@Vax>", "x <amazing@cobol>", "Grace <grace@navy>"],
  ...["Prof <shared@office>", "PROF <shared@office>", "JOAN <Shared@Office>"],
  ...["Third <shared@office>", "Professor <shared@office>", " <shared@office>"],
  ...["jose <jose@old>", "odd <odd@x>", "Anonymous <>", "Other <>", " <>", "same <odd<x@y>"],
  ...["mixed <MIXED@CASE>", "Mixed <Mixed@Case>", "Unmapped Ünïcode <nobody@example.org>"],
];

test("people are mapped as git log maps them", async () => {
  const repository = gitRepository();
  for (const author of authors) repository.commit(author, {}, { author });
  repository.commit("Map", { ".mailmap": mailmap });
  const byGit = authorsByGit(repository);
  expect(byGit).toHaveLength(authors.length + 1);
  const people = byGit.map(({ person }) => person);
  const canonical = await mapped(repository.path, [...people, ...people]);
  const differing = byGit.filter(
    ({ person, canonical }) => personKey(person) !== personKey(canonical),
  );
  expect(Object.fromEntries(canonical)).toEqual(
    Object.fromEntries(differing.map(({ person, canonical }) => [personKey(person), canonical])),
  );
  expect(canonical.size).toBeGreaterThan(12);
});

test("people whom git could not read keep themselves", async () => {
  const repository = gitRepository();
  repository.commit("Map", { ".mailmap": "New <new@x> <old@x>\n" });
  const odd = ["a\nb", "a\0b", "a<b", "a>b", "a "].map((name) => ({ name, email: "old@x" }));
  const people = [...odd, { name: "a", email: "old@x>" }, { name: "a", email: "old@x\n" }];
  expect(await mapped(repository.path, people)).toEqual(new Map());
  expect(await mapped(repository.path, [...people, { name: "a", email: "old@x" }])).toEqual(
    new Map([["a <old@x>", { name: "New", email: "new@x" }]]),
  );
});

test("many people are mapped at once", async () => {
  const repository = gitRepository();
  repository.commit("Map", { ".mailmap": "New <new@x> <old7@x>\n" });
  const people = Array.from({ length: 100_000 }, (_, index) => ({
    name: "n".repeat(100),
    email: `old${index}@x`,
  }));
  expect((await mapped(repository.path, people)).size).toBe(1);
  expect((await mapped(repository.path, [])).size).toBe(0);
});

const person = { name: "a", email: "old@x" };
const mapping = "New <new@x> <old@x>\n";

test.each([
  ["none", {}],
  ["a folder", { ".mailmap/x": mapping }],
  ["a submodule", { ".mailmap": { submodule: "1".repeat(40) } }],
  ["larger than anybody's", { ".mailmap": mapping + "#\n".repeat(1 << 19) }],
  ["empty", { ".mailmap": "" }],
  ["missing", { ".mailmap": { blob: "1".repeat(40) } }],
])("a .mailmap that is %s maps nobody", async (_, files) => {
  const repository = gitRepository();
  repository.commit("Map", files);
  expect(await mapped(repository.path, [person])).toEqual(new Map());
});

test("a symbolic link is not followed", async () => {
  const repository = gitRepository();
  writeFileSync(join(repository.path, "map"), mapping);
  repository.commit("Map", { ".mailmap": { symlink: "map" }, map: mapping });
  expect(await mapped(repository.path, [person])).toEqual(new Map());
});

test("damaged objects and a repository without commits map nobody", async () => {
  expect(await mapped(gitRepository().path, [person])).toEqual(new Map());
  const repository = gitRepository();
  repository.commit("Map", { ".mailmap": mapping });
  const file = (id: string) => join(repository.gitDir, "objects", id.slice(0, 2), id.slice(2));
  const damage = (revision: string) => {
    const path = file(repository.git("rev-parse", revision));
    rmSync(path);
    writeFileSync(path, "damaged");
  };
  damage("HEAD:.mailmap");
  expect(await mapped(repository.path, [person])).toEqual(new Map());
  damage("HEAD^{tree}");
  expect(await mapped(repository.path, [person])).toEqual(new Map());
});

test("neither the repository's configuration nor its work tree has a say", async () => {
  const repository = gitRepository();
  repository.commit("No map");
  const file = join(repository.path, ".mailmap");
  writeFileSync(file, mapping);
  repository.git("config", "mailmap.file", file);
  expect(await mapped(repository.path, [person])).toEqual(new Map());
});
