import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const settings = [
  ...["-c", "core.quotePath=off", "-c", "core.attributesFile=/dev/null"],
  ...["-c", "core.bigFileThreshold=64m", "-c", "diff.suppressBlankEmpty=false"],
  ...["-c", "advice.graftFileDeprecated=false"],
];

/**
 * Plain git on a repository, through a git directory of its own that borrows the objects: nothing
 * that the repository configures applies, and nothing is written into it.
 *
 * A blob that is missing is one NUL byte here, so that git takes its file for binary and goes on.
 */
export class PlainGit {
  /** @param path a work tree's root or a bare repository. */
  constructor(path) {
    this.folder = mkdtempSync(join(tmpdir(), "plain-git-"));
    this.env = {
      ...{ PATH: process.env.PATH, HOME: this.folder, LC_ALL: "C" },
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_NO_LAZY_FETCH: "1",
      GIT_GRAFT_FILE: "/dev/null",
    };
    this.source = this.#line(["-C", path, "rev-parse", "--absolute-git-dir"]);
    const format = this.#line(["-C", path, "rev-parse", "--show-object-format"]);
    this.#line(["init", "--quiet", "--bare", `--object-format=${format}`, this.folder]);
    const objects = this.#line(["--git-dir", this.source, "rev-parse", "--git-path", "objects"]);
    appendFileSync(join(this.folder, "objects", "info", "alternates"), `${objects}\n`);
    const shallow = this.#line(["--git-dir", this.source, "rev-parse", "--git-path", "shallow"]);
    if (existsSync(shallow)) copyFileSync(shallow, join(this.folder, "shallow"));
    this.env.GIT_DIR = this.folder;
  }

  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** All commits that a ref leads to, with their parents, parents first. */
  history() {
    const walk = ["rev-list", "--all", "--date-order", "--reverse", "--parents"];
    const { stdout } = this.#run(["--no-replace-objects", "--git-dir", this.source, ...walk]);
    const rows = stdout.toString("latin1").split("\n").slice(0, -1);
    return rows.map((row) => row.split(" ")).map(([id, ...parents]) => ({ id, parents }));
  }

  /** Lets one NUL byte stand for each of `ids` that is missing. @returns these. */
  standInFor(ids) {
    const input = [...new Set(ids)].join("\n");
    const lines = this.#run(["cat-file", "--batch-check"], `${input}\n`).stdout.toString();
    const missing = lines.split("\n").flatMap((line) => /^(\w+) missing$/.exec(line)?.[1] ?? []);
    const blob = this.#run(["hash-object", "-w", "--stdin"], "\0").stdout.toString().trim();
    const updates = missing.map((id) => `create refs/replace/${id} ${blob}\n`);
    this.#run(["update-ref", "--stdin"], updates.join(""));
    return new Set(missing);
  }

  /**
   * What `git diff-tree --stdin` with `args` answers to each request, in latin1, which keeps every
   * byte. A line that is no object comes back verbatim: one nobody can foresee ends each answer.
   */
  async *diffTree(args, requests) {
    const marker = `= ${randomBytes(12).toString("hex")}\n`;
    const child = this.#start(["diff-tree", "--stdin", ...args]);
    const input = requests.map((request) => `${request}\n${marker}`);
    const fed = pipeline(Readable.from(input), child.stdin);
    let pieces = [];
    let tail = ""; // What of the last piece may begin a marker.
    for await (const piece of child.stdout) {
      let text = tail + piece.toString("latin1");
      for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker)) {
        yield pieces.join("") + text.slice(0, at);
        pieces = [];
        text = text.slice(at + marker.length);
      }
      tail = text.slice(Math.max(0, text.length - marker.length));
      pieces.push(text.slice(0, text.length - tail.length));
    }
    await fed;
  }

  /** Reads blobs one after the other; undefined for what is no blob. */
  blobs() {
    const child = this.#start(["cat-file", "--batch"]);
    const output = child.stdout[Symbol.asyncIterator]();
    let rest = Buffer.alloc(0);
    const take = async (isEnough) => {
      const pieces = [rest];
      for (let size = rest.length; !isEnough(pieces.at(-1), size); ) {
        const { value, done } = await output.next();
        if (done) throw new Error("git cat-file ended early.");
        pieces.push(value);
        size += value.length;
      }
      rest = Buffer.concat(pieces);
    };
    return {
      read: async (id) => {
        child.stdin.write(`${id}\n`);
        await take((piece) => piece.includes(10));
        const end = rest.indexOf(10);
        const [, type, size] = rest.toString("latin1", 0, end).split(" ");
        rest = rest.subarray(end + 1);
        if (type === "missing") return undefined;
        const length = Number(size) + 1;
        await take((_, there) => there >= length);
        const content = rest.subarray(0, length - 1);
        rest = rest.subarray(length);
        return type === "blob" ? content : undefined;
      },
      close: () => child.stdin.end(),
    };
  }

  #start(args) {
    return spawn("git", [...settings, ...args], {
      env: this.env,
      stdio: ["pipe", "pipe", "inherit"],
    });
  }

  #line(args) {
    return this.#run(args).stdout.toString().replace(/\n$/, "");
  }

  #run(args, input = "") {
    const options = { input, maxBuffer: 1 << 30, env: this.env };
    const result = spawnSync("git", [...settings, ...args], options);
    if (result.status !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
    return result;
  }
}
