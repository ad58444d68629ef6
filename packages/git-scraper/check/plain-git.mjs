import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Settings that make git show a history as it is stored, whatever the repository configures. */
const settings = [
  ...["-c", "core.quotePath=off", "-c", "core.attributesFile=/dev/null"],
  ...["-c", "core.bigFileThreshold=64m", "-c", "core.fsmonitor=false"],
  ...["-c", "diff.suppressBlankEmpty=false", "-c", "diff.orderFile="],
  ...["-c", "protocol.allow=never", "-c", "mailmap.blob=HEAD:.mailmap"],
];

/** Plain git on a repository that one trusts; nothing is written into it. */
export class PlainGit {
  /** @param path a work tree's root or a bare repository. */
  constructor(path) {
    this.scratch = mkdtempSync(join(tmpdir(), "compare-with-git-"));
    const found = spawnSync("git", ["-C", path, "rev-parse", "--absolute-git-dir"]);
    if (found.status !== 0) throw new Error(`${path}: ${found.stderr}`);
    this.env = {
      PATH: process.env.PATH,
      HOME: this.scratch,
      LC_ALL: "C",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_GRAFT_FILE: "/dev/null",
      GIT_NO_LAZY_FETCH: "1",
      GIT_DIR: found.stdout.toString().replace(/\n$/, ""),
      // Attributes come from a work tree or an index: here neither has any.
      GIT_WORK_TREE: this.scratch,
      GIT_INDEX_FILE: join(this.scratch, "index"),
    };
  }

  /** Environment by which what git writes goes to a temporary store, before the repository's own. */
  get scratchStore() {
    const store = join(this.scratch, "objects");
    mkdirSync(store, { recursive: true });
    const own = this.bytes(["rev-parse", "--git-path", "objects"]).toString().replace(/\n$/, "");
    return { GIT_OBJECT_DIRECTORY: store, GIT_ALTERNATE_OBJECT_DIRECTORIES: own };
  }

  close() {
    rmSync(this.scratch, { recursive: true, force: true });
  }

  /** Runs git to its end, with `env` over the environment; never throws for its status. */
  run(args, { input = "", env = {} } = {}) {
    return spawnSync("git", [...settings, ...args], {
      cwd: this.scratch,
      input,
      maxBuffer: 1 << 30,
      env: { ...this.env, ...env },
    });
  }

  /** The exact bytes that git prints. */
  bytes(args, input) {
    const { status, stdout, stderr } = this.run(args, { input });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** The lines that git prints, in latin1, which keeps every byte. */
  lines(args, input) {
    return this.bytes(args, input).toString("latin1").split("\n").slice(0, -1);
  }

  /** Starts git; its input is fed and its output is to be read as they flow. */
  stream(args, requests) {
    const child = spawn("git", [...settings, ...args], { cwd: this.scratch, env: this.env });
    child.stderr.resume();
    child.ended = new Promise((resolve) => child.on("close", resolve));
    // If it dies, its status tells.
    pipeline(Readable.from(batches(requests)), child.stdin).catch(() => undefined);
    return child;
  }

  /**
   * What `git diff-tree --stdin` with `args` answers to each request, one buffer each; undefined
   * where git dies over it, after which another process goes on.
   *
   * A line that is no object id comes back verbatim: one nobody can foresee ends every answer.
   */
  async *diffTree(args, requests) {
    const marker = `= ${randomBytes(12).toString("hex")}\n`;
    let next = 0;
    while (next < requests.length) {
      const rest = requests.slice(next).map((request) => `${request}\n${marker}`);
      const child = this.stream(["diff-tree", "--stdin", ...args], rest);
      for await (const answer of split(child.stdout, marker)) {
        next += 1;
        yield answer;
      }
      if ((await child.ended) !== 0 && next < requests.length) {
        next += 1;
        yield undefined;
      }
    }
  }
}

/** Joins requests, as each write to a pipe is a system call. */
function* batches(requests) {
  let text = "";
  for (const request of requests) {
    text += request;
    if (text.length < 16_384) continue;
    yield text;
    text = "";
  }
  yield text;
}

/** The pieces of a stream that `separator` ends, without it; what follows the last is left out. */
export async function* split(stream, separator) {
  const pattern = Buffer.from(separator);
  let pieces = [];
  let tail = Buffer.alloc(0); // What of the last piece may begin a separator.
  for await (const chunk of stream) {
    let bytes = Buffer.concat([tail, chunk]);
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern)) {
      yield Buffer.concat([...pieces, bytes.subarray(0, at)]);
      pieces = [];
      bytes = bytes.subarray(at + pattern.length);
    }
    const kept = Math.min(bytes.length, pattern.length - 1);
    pieces.push(bytes.subarray(0, bytes.length - kept));
    tail = bytes.subarray(bytes.length - kept);
  }
}
