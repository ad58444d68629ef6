import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { cpus } from "node:os";
import { versions } from "node:process";
import { promisify } from "node:util";
import { adviceText, deviceAdvice, findBuilds, GGML_VERSION, listDevices } from "@repotune/ggml";
import { messageOf } from "@repotune/schema";
import { defaultThreads, freeHostMemory } from "@repotune/trainer";
import type { Check } from "./check.ts";

/** What all packages ask for as `engines.node`. */
const OLDEST_NODE = [20, 20] as const;
/** A trained model, its checkpoints and a dataset of a large history fit in this. */
const ENOUGH_DISK = 10 * 2 ** 30;
/** Less is too little for Node.js and the smallest model. */
const LEAST_MEMORY = 2 ** 30;

/** Looks at what every training needs of a machine. */
export async function checkMachine(): Promise<Check[]> {
  return [checkNode(), await checkGit(), ...checkLlama(), checkCpu(), await checkDisk()];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = versions.node.split(".").map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  const isOld = major < oldest || (major === oldest && minor < oldestMinor);
  return {
    name: "Node.js",
    state: isOld ? "failed" : "ok",
    text: `${versions.node}${isOld ? `; ${OLDEST_NODE.join(".")} or later is needed` : ""}`,
  };
}

async function checkGit(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)("git", ["--version"]);
    return { name: "git", state: "ok", text: stdout.trim().replace(/^git version /, "") };
  } catch {
    return { name: "git", state: "failed", text: "cannot be run; install it from git-scm.com" };
  }
}

/** The builds of llama.cpp, their devices, and what keeps other devices from being used. */
function checkLlama(): Check[] {
  try {
    const builds = findBuilds().map(({ name, release }) => `${name} ${release}`);
    const devices = listDevices();
    const advice = deviceAdvice();
    return [
      { name: "llama.cpp", state: "ok", text: `ggml ${GGML_VERSION}, ${builds.join(", ")}` },
      ...devices.map(({ name, description, kind, freeMemory, totalMemory }): Check => {
        // What a CPU has free is a matter of its own.
        const memory =
          kind === "cpu" ? "" : `, ${amount(freeMemory)} of ${amount(totalMemory)} free`;
        return { name: "device", state: "ok", text: `${name}: ${description}${memory}` };
      }),
      ...advice.map((piece): Check => {
        return { name: "device", state: "advice", text: adviceText(piece) };
      }),
    ];
  } catch (error) {
    return [{ name: "llama.cpp", state: "failed", text: messageOf(error) }];
  }
}

function checkCpu(): Check {
  const free = freeHostMemory();
  return {
    name: "host",
    state: free < LEAST_MEMORY ? "failed" : "ok",
    text: `${defaultThreads()} of ${cpus().length} threads are used at most, ${amount(free)} of memory are free`,
  };
}

async function checkDisk(): Promise<Check> {
  const { bavail, bsize } = await statfs(".");
  const free = bavail * bsize;
  const isEnough = free >= ENOUGH_DISK;
  return {
    name: "disk",
    state: isEnough ? "ok" : "advice",
    text: `${amount(free)} are free here${isEnough ? "" : "; a large history and a merged 7B model want more"}`,
  };
}

/** `7.8 GiB` */
const amount = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
