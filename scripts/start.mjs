// `npm start -- …`: builds what changed, then runs the command line with the arguments.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runTurbo } from "./turbo.mjs";

const build = runTurbo(
  ["run", "build", "--filter=@repotune/cli...", "--output-logs=errors-only"],
  "pipe",
);
if (build.status !== 0) {
  process.stderr.write(`${build.stdout ?? ""}${build.stderr ?? ""}`);
  process.exit(1);
}

const bin = fileURLToPath(new URL("../packages/cli/bin.js", import.meta.url));
const child = spawn(process.execPath, [bin, ...process.argv.slice(2)], { stdio: "inherit" });
// A terminal sends Ctrl-C to both; the command line stops cleanly, and this waits for it.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
