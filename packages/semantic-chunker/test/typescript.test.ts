import { describe, expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

describe("TypeScript units", () => {
  it("are declarations, exported or not", async () => {
    const text = `\
/** Licence. */
import type { A } from "./a.ts";
export * from "./b.ts";

/** How long. */
export const LIMIT = 10; // seconds
let count = 0;
const { x, y } = point;
export const load = async (url: string): Promise<A> => {
  return get(url);
};
export type Name = string;
export interface Shape {
  area(): number;
}
export enum Side {
  Left,
}
export function parse(text: string): A;
export function parse(text: unknown): A {
  return text as A;
}
export default async function* walk() {}
declare module "vendor" {
  export function start(): void;
}
declare global {
  interface Window {
    a: 1;
  }
}
namespace Inner {
  export class Deep {}
}
main();
`;
    expect(await unitsOf("typescript", text)).toEqual([
      "use 2-3",
      "const LIMIT 5-6",
      "variable count 7",
      "const 8",
      "function load 9-11",
      "type Name 12",
      "interface Shape 13-15",
      "enum Side 16-18",
      "declaration parse 19",
      "function parse 20-22",
      "function walk 23",
      "namespace vendor 24-26",
      "declaration vendor::start 25",
      "interface Window 28-30",
      "namespace Inner 32-34",
      "class Inner::Deep 33",
      "comment 1",
      "code 27",
      "code 31",
      "code 35",
    ]);
  });

  it("are the methods of a class, with decorators", async () => {
    const text = `\
@Component({ selector: "app" })
export class App<T> extends Base {
  @Input() name = "x";
  constructor() {
    super();
  }

  /** Opens it. */
  @HostListener("click")
  open(): void {}
  close = (): void => {
    this.open();
  };
  abstract draw(): void;
  [Symbol.iterator]() {}
}
`;
    expect(await unitsOf("typescript", text)).toEqual([
      "class App 1-16",
      "method App::constructor 4-6",
      "method App::open 8-10",
      "method App::close 11-13",
      "method App::[Symbol.iterator] 15",
    ]);
  });

  it("are tests, called by their titles", async () => {
    const text = `\
import { it } from "vitest";
describe("a store", () => {
  const store = open();
  beforeEach(() => {});

  // Because.
  it("opens", async () => {
    expect(store).toBe(1);
  });
  describe("when closed", () => {
    it.each([1, 2])("fails %i (twice)", (n) => {});
    function helper() {}
  });
});
test.skip(\`in \${place}\`, () => {});
it(title, () => {});
`;
    expect(await unitsOf("typescript", text)).toEqual([
      "use 1",
      "test a store 2-14 *",
      "test a store::opens 6-9 *",
      "test a store::when closed 10-13 *",
      "test a store::when closed::fails %i (twice) 11 *",
      "function a store::when closed::helper 12 *",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: It is the title.
      "test in ${place} 15 *",
      "code 16",
    ]);
  });

  it("are found in TSX", async () => {
    const text = "export const View = () => <b>{1}</b>;\nfunction Other() {\n  return <i />;\n}\n";
    expect(await unitsOf("tsx", text)).toEqual(["function View 1", "function Other 2-4"]);
  });
});
