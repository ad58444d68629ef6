// Runs turbo with its telemetry off, which has no setting in a file; used by the scripts of
// package.json. Arguments are turbo's own.
import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const binaries = fileURLToPath(new URL("../node_modules/.bin", import.meta.url)); // turbo wants pnpm.
const turbo = fileURLToPath(import.meta.resolve("turbo/bin/turbo"));

/** Runs turbo and gives its exit code. */
export const runTurbo = (args, stdio = "inherit") =>
  spawnSync(process.execPath, [turbo, ...args], {
    stdio,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${binaries}${delimiter}${process.env.PATH}`,
      TURBO_TELEMETRY_DISABLED: "1",
      TURBO_NO_UPDATE_NOTIFIER: "1",
    },
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = runTurbo(process.argv.slice(2)).status ?? 1;
}
