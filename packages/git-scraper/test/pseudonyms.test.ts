import { createHmac } from "node:crypto";
import type { Person } from "@repotune/schema";
import { type Random, seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { Pseudonyms } from "../src/identity/pseudonyms.ts";
import { parseTrailers } from "../src/identity/trailers.ts";

const salt = "pepper";
const id = (identity: string) =>
  createHmac("sha256", salt).update(identity).digest("hex").slice(0, 12);
const author = (identity: string) => `author-${id(identity)}`;
const mail = (identity: string) => `${id(identity)}@anonymous.invalid`;

const person = (text: string): Person => {
  const [, name = "", email = ""] = /^(.*?) ?<(.*)>$/s.exec(text) ?? [];
  return { name, email };
};
const scrub = (people: string[], text: string) =>
  new Pseudonyms(salt, people.map(person)).scrub(text);

const ada = "Ada Lovelace <ada@example.org>";

test("a person is the address, in any case, or the name without one", () => {
  const pseudonyms = new Pseudonyms(salt, [person(ada)]);
  const expected = { name: author("ada@example.org"), email: mail("ada@example.org") };
  expect(pseudonyms.of(person(ada))).toEqual(expected);
  expect(pseudonyms.of(person("A. L. <ADA@example.org>"))).toEqual(expected);
  expect(pseudonyms.of(person("Unknown Person <>")).name).toBe(author("Unknown Person"));
  expect(new Pseudonyms("salt", []).of(person(ada))).not.toEqual(expected);
});

test("names and addresses are replaced wherever they stand", () => {
  const name = author("ada@example.org");
  const address = mail("ada@example.org");
  const text = `Thank Ada Lovelace (ada@example.org), "Ada\nLovelace": mailto:ADA@Example.Org.

* Ada Lovelace's idea; not Ada, Lovelace, Ada LovelaceX or ada lovelace
Signed-off-by: Ada Lovelace <ada@example.org>`;
  expect(scrub([ada], text)).toBe(`Thank ${name} (${address}), "${name}": mailto:${address}.

* ${name}'s idea; not Ada, Lovelace, Ada LovelaceX or ada lovelace
Signed-off-by: ${name} <${address}>`);
});

test("emphasis hides nobody", () => {
  const [name, address] = [author("ada@example.org"), mail("ada@example.org")];
  const text = (who: string, at: string) => `_${who}_, **${who}**, __${at}__, _${at}, \`${at}\``;
  const scrubbed = scrub([ada], text("Ada Lovelace", "ada@example.org"));
  expect(scrubbed).toBe(text(name, address));
  expect(scrub(["_Ada_ <_ada_@x.org>"], "_Ada_ _ada_@x.org")).toBe(
    `${author("_ada_@x.org")} ${mail("_ada_@x.org")}`,
  );
  expect(scrub(["Lovelace <l@x.org>"], "Lovelace_x, x_Lovelace_x")).toBe(
    "Lovelace_x, x_Lovelace_x",
  );
});

test("addresses of strangers are replaced too, and who signs with one", () => {
  const stranger = "x+y_z@Sub.Example.org";
  const [address, name] = [mail(stranger.toLowerCase()), author(stranger.toLowerCase())];
  expect(scrub([], `See ${stranger}.`)).toBe(`See ${address}.`);
  expect(scrub([], `Total Stranger <${stranger}>`)).toBe(`Total Stranger <${address}>`);
  expect(scrub([], `Reviewed-by: Total Stranger <${stranger}>\n> cc: T S <${stranger}>`)).toBe(
    `Reviewed-by: ${name} <${address}>\n> cc: ${name} <${address}>`,
  );
  expect(scrub([], "Cc: A B <a b@c>, see <id.1@host>")).toBe(
    `Cc: A B <a b@c>, see <${mail("id.1@host")}>`,
  );
});

test.each([
  "name@1.2.3, HEAD@{1}, @mention, a @ b.org, @b.org, a@b, a@, foo@.org, git@{upstream}",
  "Vec<T>, a<b>c, <>, <https://example.org/@x>, 1 <= 2",
  "From: here <there>\nNote: Some words <and more>",
  "",
])("what names nobody stays as it is: %j", (text) => {
  expect(scrub([ada, "T <x@y.org>", " <>"], text)).toBe(text);
});

test("a name that says too little is replaced before an address only", () => {
  const people = ["Al <al@x.org>", "root <root@localhost>", "unknown <>", "Test <t@x.org>"];
  const text = "Al dente as root for unknown Test, by Al <al@x.org> and root <root@localhost>";
  const expected = `Al dente as root for unknown Test, by ${author("al@x.org")} <${mail("al@x.org")}> and `;
  expect(scrub(people, text)).toBe(
    `${expected}${author("root@localhost")} <${mail("root@localhost")}>`,
  );
  expect(scrub(["1234 <n@x.org>", "-=-=- <m@x.org>"], "1234 -=-=-")).toBe("1234 -=-=-");
});

test("a name of several people is the one whose address follows, else the first", () => {
  const people = ["Same Name <one@x.org>", "Same Name <two@x.org>"];
  expect(scrub(people, "Same Name, Same Name <two@x.org>")).toBe(
    `${author("one@x.org")}, ${author("two@x.org")} <${mail("two@x.org")}>`,
  );
});

test("the longest name counts, and none is cut out of an address", () => {
  const people = [
    ...["Anna <a@x.org>", "Anna Maria <b@x.org>", "Anna Maria von Berg <c@x.org>"],
    ...["Lovelace <d@x.org>", "Anna (anna@home.org) <e@x.org>", "Mail anna <f@x.org>"],
  ];
  expect(scrub(people, "Anna Maria von Berg, Anna Maria von, Anna von")).toBe(
    `${author("c@x.org")}, ${author("b@x.org")} von, ${author("a@x.org")} von`,
  );
  expect(scrub(people, "ada.Lovelace@example.org")).toBe(mail("ada.lovelace@example.org"));
  expect(scrub(people, "Anna (anna@home.org)")).toBe(author("e@x.org"));
  expect(scrub(people, "Mail anna@home.org")).toBe(`Mail ${mail("anna@home.org")}`);
});

test("addresses of any form are found if they are known", () => {
  const odd = [
    "ada@localhost",
    "o'brien@x.org",
    "svn@b5ae-11",
    "u@host.(none)",
    "ada lovelace",
    "e",
  ];
  const people = odd.map((address) => `<${address}>`);
  const text = odd.slice(0, 5).join(", ");
  expect(scrub(people, text)).toBe(odd.slice(0, 5).map(mail).join(", "));
  expect(scrub(["b.org <n@x.org>"], "x@a.org@b.org.net")).toBe(
    `${mail("x@a.org")}@${author("n@x.org")}.net`,
  );
  expect(scrub(people, "e <e> xada@localhost ada@localhost.net")).toBe(
    `e <${mail("e")}> xada@localhost ${mail("ada@localhost.net")}`,
  );
});

test("names hold any characters", () => {
  const names = [
    "(.*)+ a|b",
    "$& \\u0041",
    "José Núñez",
    "李小龍",
    "김철수",
    "Ада \u{1f600}",
    "\ud800abc",
  ];
  const people = names.map((name, index) => `${name} <${index}@x.org>`);
  for (const [index, name] of names.entries()) {
    const replaced = author(`${index}@x.org`);
    expect(scrub(people, `by ${name}, ${name}`)).toBe(`by ${replaced}, ${replaced}`);
    expect(scrub(people, `by ${name.normalize("NFD")}!`)).toBe(`by ${replaced}!`);
  }
  expect(scrub(people, "由李小龍提交, 김철수가, José Núñezá")).toBe(
    `由${author("3@x.org")}提交, ${author("4@x.org")}가, José Núñezá`,
  );
  expect(scrub(["constructor <c@x.org>", "__proto__ <p@x.org>"], "__proto__ toString")).toBe(
    `${author("p@x.org")} toString`,
  );
});

test("trailers can be read from a scrubbed message", () => {
  const message = `Title\n\nSigned-off-by: ${ada}\nKey: value\n`;
  expect(parseTrailers(scrub([ada], message))).toEqual([
    { key: "Signed-off-by", value: `${author("ada@example.org")} <${mail("ada@example.org")}>` },
    { key: "Key", value: "value" },
  ]);
});

/** Names and addresses as people have them, and as nobody has. */
function randomPeople(random: Random, count: number): Person[] {
  const letters = [..."abcdeABCDE", "é", "e\u0301", "ß", "Ж", "李", "한", "\u{1d400}"];
  const marks = [..." .-'*+?()[]{}|^$\\/,:;&\"<\t", "\u{1f600}", "\ud800"];
  const pick = <T>(choices: readonly T[]) => choices[random.below(choices.length)] as T;
  const word = (least: number) =>
    Array.from({ length: least + random.below(5) }, () => pick(letters)).join("");
  return Array.from({ length: count }, () => {
    const words = Array.from({ length: 1 + random.below(3) }, () => word(2));
    const name = words.join(random.below(3) > 0 ? " " : pick(marks)).replace(/[<>]/g, "");
    const host = pick(["x.org", "mail.example.com", "localhost", "uuid-11", "host.(none)"]);
    const odd = random.below(5) > 0 ? "" : pick(marks).replace(/[<>@]/g, "");
    return { name, email: `${word(1)}${odd}${word(1)}@${host}`.normalize("NFC") };
  });
}

/** What makes a name part of a longer word, or of an address of the letters used here. */
const inWord = "(?![李한])[\\p{L}\\p{N}\\p{M}@]";

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

test("no known address and no known long name is left", () => {
  const random = seededRandom(7);
  const pick = <T>(choices: readonly T[]) => choices[random.below(choices.length)] as T;
  let replaced = 0;
  for (let round = 0; round < 300; round += 1) {
    const people = randomPeople(random, 1 + random.below(20));
    const pseudonyms = new Pseudonyms(salt, people);
    const text = Array.from({ length: random.below(40) }, () => {
      const { name, email } = pick(people);
      const piece = [name, email, `${name} <${email}>`, email.toUpperCase(), "word", "\nCc: "];
      return `${pick(piece)}${pick([" ", "\n", ", ", "<", ">", ".", "@", "", "x", "李", "_"])}`;
    }).join("");
    const scrubbed = pseudonyms.scrub(text);
    if (scrubbed !== text) replaced += 1;
    const addresses = people.map(({ email }) => escaped(email)).join("|");
    const before = "(?<![\\p{L}\\p{N}\\p{M}][_.%+'-]*)";
    const after = "(?![_.-]*[\\p{L}\\p{N}\\p{M}])";
    expect(scrubbed.match(new RegExp(`${before}(?:${addresses})${after}`, "iu"))).toBeNull();
    const long = people.map(({ name }) => name.trim()).filter((name) => [...name].length >= 4);
    const names = long.map(escaped).join("|") || "\\0";
    expect(
      scrubbed.match(new RegExp(`(?<!${inWord}_*)(?:${names})(?!_*${inWord})`, "u")),
    ).toBeNull();
  }
  expect(replaced).toBeGreaterThan(200);
});

test("all but the people stays as it is", () => {
  const random = seededRandom(8);
  const pick = <T>(choices: readonly T[]) => choices[random.below(choices.length)] as T;
  const people = randomPeople(random, 200).map(({ email }, index) => ({
    name: `Given${index} Family${random.below(50)}`,
    email: `${index}.${email.replace(/[^a-z]/g, "")}@example.org`,
  }));
  const pseudonyms = new Pseudonyms(salt, people);
  for (let round = 0; round < 200; round += 1) {
    const parts = Array.from({ length: 50 }, () => {
      const chosen = pick(people);
      const { name, email } = pseudonyms.of(chosen);
      return pick([
        [chosen.name, name],
        [chosen.email, email],
        [`${chosen.name} <${chosen.email}>`, `${name} <${email}>`],
        ...[" some words", "é李\u{1f600}\ud800", "a@b", "#12", "x: y", "<T>", "\t\r\n\n"].map(
          (s) => [s, s],
        ),
      ]);
    });
    const join = (side: 0 | 1) => parts.map((part) => part[side]).join(" ; ");
    expect(pseudonyms.scrub(join(0))).toBe(join(1));
  }
});

test("ten thousand people and hostile texts take time by length alone", () => {
  const people = Array.from({ length: 10_000 }, (_, index) => ({
    name: `John ${"x".repeat(index % 50)}${index} Smith`,
    email: `john${index}@example.org`,
  }));
  people.push({ name: "a ".repeat(100_000), email: "a" }, { name: "b b b b b c", email: "b" });
  const pseudonyms = new Pseudonyms(salt, people);
  const start = performance.now();
  for (const part of [
    "John ",
    "a ",
    "b ",
    "a@",
    "a.",
    "<",
    "<a",
    "Cc: ",
    " ",
    "\n",
    "@",
    "é",
    "a-b@c.",
  ]) {
    const text = part.repeat(200_000 / part.length);
    expect(pseudonyms.scrub(text)).toBe(text);
  }
  expect(performance.now() - start).toBeLessThan(5000);
});
