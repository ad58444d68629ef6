import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Training on more cores gains little: memory is then the limit. */
const MAX_THREADS = 8;
const CPUS = "/sys/devices/system/cpu";

/**
 * Threads to compute with on this machine: one for each real core, as ggml's threads wait for one
 * another actively and get in each other's way on shared cores.
 */
export function defaultThreads(): number {
  const available = availableParallelism();
  return Math.max(1, Math.min(physicalCores() ?? available, available, MAX_THREADS));
}

/** Real cores, where the system tells. */
function physicalCores(): number | undefined {
  try {
    const siblings = readdirSync(CPUS)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${CPUS}/${name}/topology/thread_siblings_list`, "utf8"));
    return siblings.length > 0 ? new Set(siblings).size : undefined;
  } catch {
    return undefined; // Not Linux, or hidden by a sandbox.
  }
}
