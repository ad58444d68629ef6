import { expect, test } from "vitest";
import { isBot } from "../src/identity/bots.ts";

test.each([
  ["dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"],
  ["whitesource-bolt-for-github[bot]", "anything@example.org"],
  ["Custom App [Bot] ", ""],
  ["Renamed", "29139614+renovate[bot]@users.noreply.github.com"],
  ["bors", "bors@rust-lang.org"],
  ["bors", "bors[bot]@users.noreply.github.com"],
  ["Renovate Bot", "bot@example.org"],
  ["renamed", "Support@Dependabot.com"],
  ["greenkeeperio-bot", "support@greenkeeper.io"],
  ["GitHub Actions", "actions@github.com"],
  ["github-actions", "github-actions@users.noreply.github.com"],
  ["pre-commit-ci", "x@example.org"],
  ["rust-log-analyzer", "rust-log-analyzer@example.org"],
  ["Travis CI User", "travis@example.org"],
])("%s <%s> is a bot", (name, email) => {
  expect(isBot({ name, email })).toBe(true);
});

test.each([
  ["Laura Abbott", "labbott@redhat.com"],
  ["Matt Kraai", "matt.kraai@amo.abbott.com"],
  ["Tiago Botelho", "tiagonbotelho@hotmail.com"],
  ["Robot", "robot@example.org"],
  ["Robert Bot", "bot@example.org"],
  ["bot", "someone@bot.example"],
  ["[bot] fan", "fan@example.org"],
  ["Arpad Borsos", "swatinem@swatinem.de"],
  ["Adam Nielsen", "admin@in-ici.net"],
  ["Eddie Webbinaro", "eddie@circleci.com"],
  ["Renovate Dupont", "renovate@example.org"],
  ["GitHub", "noreply@github.com"],
  ["Ada", "12345+ada@users.noreply.github.com"],
  ["Ada", "ada[bot]@users.noreply.github.com.example.org"],
  ["", ""],
])("%s <%s> is none", (name, email) => {
  expect(isBot({ name, email })).toBe(false);
});
