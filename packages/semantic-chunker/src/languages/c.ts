import { cFamily } from "./c-family.ts";

/** C. */
export const c = cFamily("c");
