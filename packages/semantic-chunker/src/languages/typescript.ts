import { ecmascript } from "./ecmascript.ts";

/** TypeScript. */
export const typescript = ecmascript("typescript", "typescript");

/** TypeScript with JSX, which needs a grammar of its own. */
export const tsx = ecmascript("tsx", "tsx");
