import { expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

it("JavaScript units are also those of CommonJS and prototypes", async () => {
  const text = `\
#!/usr/bin/env node
"use strict";

const fs = require("node:fs");
var util = require("util")
  , path = require("path");

function Store(name) {
  this.name = name;
}

// Reads it.
Store.prototype.read = function () {
  return fs.readFileSync(this.name);
};
exports.open = async (name) => new Store(name);
module.exports.Store = Store;

class Cache extends Store {
  #size = 0;
  static from = function () {};
  get size() {
    return this.#size;
  }
}
export default {
  name: "x",
};
if (require.main === module) {
  exports.open("x");
}
`;
  expect(await unitsOf("javascript", text)).toEqual([
    "use 4-6",
    "function Store 8-10",
    "method Store::read 12-15",
    "function open 16",
    "class Cache 19-25",
    "method Cache::from 21",
    "method Cache::size 22-24",
    "const default 26-28",
    "code 1-2",
    "code 17",
    "code 29-31",
  ]);
});
