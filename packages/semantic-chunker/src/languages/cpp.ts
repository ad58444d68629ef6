import { cFamily } from "./c-family.ts";

/** C++. */
export const cpp = cFamily("cpp");
