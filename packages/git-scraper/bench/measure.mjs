// What a command costs: seconds of the wall clock, seconds of all processors, memory.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Runs a shell command with `parameters` as $1, $2, … and measures it. CPU is user and system time
 * of the shell's children and of theirs. Memory is the highest sum, looked at five times a second,
 * of what all its processes hold (PSS: what several share is counted once), in bytes; null where
 * there is no /proc, or unless it `watchesMemory`, which takes time of its own. `stdout` is what the
 * command printed. Throws when the command fails.
 */
export async function measure(command, parameters, watchesMemory = true) {
  const args = ["-c", `${command}; status=$?; times >&2; exit $status`, "sh", ...parameters];
  const began = performance.now();
  const shell = spawn("sh", args, { stdio: ["ignore", "pipe", "pipe"] });
  let memory = 0;
  const look = watchesMemory
    ? setInterval(() => {
        memory = Math.max(memory, memoryOf(shell.pid));
      }, 200)
    : undefined;
  const [status, stdout, stderr] = await Promise.all([
    new Promise((resolve, reject) => shell.once("error", reject).once("exit", resolve)),
    text(shell.stdout),
    text(shell.stderr),
  ]).finally(() => clearInterval(look));
  const wall = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${command} failed:\n${stderr}`);
  return { wall, cpu: childrenSeconds(stderr), memory: memory || null, stdout };
}

/** The better of two measurements in each figure; `before` is undefined in the first round. */
export function better(before, now) {
  if (before === undefined) return now;
  const [wall, cpu] = [Math.min(before.wall, now.wall), Math.min(before.cpu, now.cpu)];
  return { ...now, wall, cpu, memory: Math.max(before.memory, now.memory) || null };
}

/** The last line of a shell's `times`: minutes and seconds of user and of system time. */
function childrenSeconds(times) {
  const children = times.trim().split("\n").at(-1) ?? "";
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)]
    .map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds))
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Bytes that a process and all below it hold now. */
function memoryOf(root) {
  const family = new Set([String(root)]);
  // A child's number is nearly always the greater one; a round of them missed comes with the next.
  for (const pid of processes()) if (family.has(parentOf(pid))) family.add(pid);
  return [...family].reduce((sum, pid) => {
    const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
    return sum + Number(kilobytes ?? 0) * 1024;
  }, 0);
}

function processes() {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** The field after the state in /proc/PID/stat; the program's name before it may hold anything. */
function parentOf(pid) {
  return read(`/proc/${pid}/stat`).split(") ").at(-1).split(" ")[1];
}

/** A process may be gone before its file is read. */
function read(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
