import { readFileSync } from "node:fs";

/**
 * Version of every format in this package, as `major.minor.patch`.
 *
 * A minor version only adds optional fields; a reader accepts any file of its own major version.
 */
export const SCHEMA_VERSION = "1.0.0";

/** Whether a file of format version `version` can be read by this package. */
export const isReadableVersion = (version: unknown): boolean =>
  typeof version === "string" && version.split(".")[0] === SCHEMA_VERSION.split(".")[0];

/** The package and version that wrote an artefact. */
export interface Producer {
  name: string;
  version: string;
}

/**
 * Name and version of the package that the calling module belongs to.
 *
 * @param moduleUrl `import.meta.url` of a module that lies one folder below `package.json`
 *   (`src/*.ts` and `dist/*.js` both do).
 */
export function producerOf(moduleUrl: string): Producer {
  const { name, version } = JSON.parse(readFileSync(new URL("../package.json", moduleUrl), "utf8"));
  return { name, version };
}
