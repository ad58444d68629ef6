// Adds up the closing lines of every package's test run, as one plain line.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const log = stripVTControlCharacters(readFileSync(process.argv[2], "utf8"));
const sum = (word) =>
  [...log.matchAll(/^.*\bTests {2}.*$/gm)]
    .flatMap(([line]) => [...line.matchAll(new RegExp(`(\\d+) ${word}`, "g"))])
    .reduce((total, [, count]) => total + Number(count), 0);

console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
if (sum("passed") === 0) process.exitCode = 1;
