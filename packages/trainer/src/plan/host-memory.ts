import { readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { join } from "node:path";

const CGROUPS = "/sys/fs/cgroup";

/** Files of a control group, by version: limit, use, and the part of the use that can be dropped. */
const FILES = [
  { limit: "memory.max", use: "memory.current", cache: "inactive_file" },
  { limit: "memory.limit_in_bytes", use: "memory.usage_in_bytes", cache: "total_inactive_file" },
] as const;

/**
 * Bytes of memory that this process can still take: what the system says is available (on Linux
 * `MemAvailable`), or what its control group leaves, if that is less.
 *
 * @param root where the kernel mounts control groups
 *   (https://docs.kernel.org/admin-guide/cgroup-v2.html).
 * @param group lines of `/proc/self/cgroup`: number, controllers, path.
 */
export function freeHostMemory(root = CGROUPS, group = read("/proc/self/cgroup") ?? ""): number {
  const limits = group
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([, controllers]) => controllers === "" || controllers?.split(",").includes("memory"))
    .flatMap(([, controllers = "", path = ""]) => {
      const mount = join(root, controllers === "" ? "" : "memory");
      return withParents(path).map((group) => freeInGroup(join(mount, group)));
    });
  return Math.min(freemem(), totalmem(), ...limits.filter((free) => free !== undefined));
}

/** `/a/b` → `/a/b`, `/a`, ``: limits of all of them apply. In a container, some may be missing. */
function withParents(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  return [...names.keys(), names.length].map((count) => names.slice(0, count).join("/"));
}

function freeInGroup(folder: string): number | undefined {
  for (const { limit, use, cache } of FILES) {
    const allowed = Number(read(join(folder, limit)) ?? Number.NaN); // `max` is no number either
    if (Number.isNaN(allowed)) continue;
    const used = Number(read(join(folder, use)));
    const dropped = new RegExp(`^${cache} (\\d+)$`, "m").exec(
      read(join(folder, "memory.stat")) ?? "",
    );
    return Math.max(0, allowed - used + Number(dropped?.[1] ?? 0));
  }
  return undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // Not Linux, or of the other version.
  }
}
