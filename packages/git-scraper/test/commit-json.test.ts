import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { toCommit } from "../src/commit/commit-record.ts";
import { Scrape } from "../src/index.ts";
import { appendCommit } from "../src/output/commit-json.ts";
import { JsonBuffer } from "../src/output/json-buffer.ts";

const odd = Buffer.from([0xff, 0x22, 0x5c, 0x01, 0x7f, 0xe2, 0x80, 0xa8]).toString("latin1");

const labels = { branches: [], tags: [], canonicalAuthor: { name: "", email: "" } };

test("a line is what JSON.stringify makes of the record, its buffer used again", async () => {
  const source = gitRepository();
  source.commit("One", { 'quo"te\\d.txt': `${odd}\n\u2028\t\n`, "é.txt": "a\nb\n" });
  source.commit('Two "quoted"\n\nb\\ody #1', { "é.txt": "a\nb\nc\n", "new/ü.txt": "x".repeat(9) });
  const scrape = await Scrape.open(source.path);
  const json = new JsonBuffer();
  let lines = 0;
  try {
    for await (const { record } of scrape.records()) {
      if (!record) continue;
      appendCommit(json, record.fields, record.files);
      const { diffs } = toCommit(record, labels);
      const whole = { ...record.fields, diffs };
      expect(json.view().toString()).toBe(JSON.stringify(whole));
      json.clear();
      lines += 1;
    }
  } finally {
    await scrape.close();
  }
  expect(lines).toBe(2);
});
