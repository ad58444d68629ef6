import { devNull } from "node:os";

/** What a git process needs from the machine; everything else of the environment stays out. */
const inherited = ["PATH", "Path", "PATHEXT", "SystemRoot", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"];

/**
 * The environment of every git process: no configuration but the shadow directory's own, no
 * attributes from elsewhere, no prompt, no network, and no `GIT_*` variable of the caller.
 *
 * @param shadow stands in for the home folder, where git would look for configuration.
 */
export function gitEnvironment(shadow: string): Record<string, string> {
  const environment: Record<string, string> = {
    HOME: shadow,
    XDG_CONFIG_HOME: shadow,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_TERMINAL_PROMPT: "0",
  };
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
