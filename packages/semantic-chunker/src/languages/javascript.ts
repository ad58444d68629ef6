import { ecmascript } from "./ecmascript.ts";

/** JavaScript, with JSX. */
export const javascript = ecmascript("javascript", "javascript");
