import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { looseObjectPath, writeLooseObject } from "./git-objects.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What a file becomes in a commit; null deletes it. */
export type FileContent =
  | string
  | Buffer
  | { content: string | Buffer; mode: "100644" | "100755" | "100664" }
  /** A symbolic link to the path. */
  | { symlink: string }
  /** A submodule at the commit. */
  | { submodule: string }
  /** Any object, there or not. */
  | { blob: string; mode?: string }
  | null;

/** Files by name; as pairs where a name is not UTF-8. */
export type Files = Record<string, FileContent> | [name: string | Buffer, content: FileContent][];

export interface CommitOptions {
  /** As in a commit object. @default "Ada Lovelace <ada@example.org>" */
  author?: string | Buffer;
  /** @default the author */
  committer?: string | Buffer;
  /** Seconds since 1970 and time zone, as in a commit object. @default a minute after the last */
  date?: string;
  /** @default `date` */
  committerDate?: string;
  /** Header lines after `committer`, each closed by a line feed, e.g. `encoding ISO-8859-1\n`. */
  headers?: string | Buffer;
  /** Ids; files are changed against the first. @default what HEAD points to */
  parents?: string[];
  /** The whole tree, as it is; then there must be no `files`. @default the first parent's */
  tree?: string;
}

export interface RepositoryOptions {
  /** @default a folder that is removed when the test ends */
  folder?: string;
  /** @default "sha1" */
  objectFormat?: "sha1" | "sha256";
}

/** Date of the first commit: 2025-01-01T00:00:00Z. */
const FIRST_DATE = 1_735_689_600;
const AUTHOR = "Ada Lovelace <ada@example.org>";

/**
 * Makes an empty, real repository with a pinned clock and identity and no user configuration. Its
 * first branch is `main`. Commits change the index only: the work tree stays empty.
 *
 * @example
 * const repository = gitRepository();
 * repository.commit("Add the parser", { "src/parse.rs": "fn parse() {}\n" });
 * repository.checkout("topic", { create: true });
 * const id = repository.commit("Move it", { "src/parse.rs": null, "src/read.rs": "fn parse() {}\n" });
 * repository.checkout("main");
 * repository.merge("topic");
 * repository.tag("v1", { message: "First" });
 * repository.removeObject(repository.git("rev-parse", `${id}:src/read.rs`)); // now a blob is missing
 */
export function gitRepository(options: RepositoryOptions = {}): TestRepository {
  const folder = join(options.folder ?? temporaryFolder(), "repository");
  mkdirSync(folder);
  const format = options.objectFormat ?? "sha1";
  const repository = new TestRepository(folder, join(folder, ".git"), format);
  repository.git("init", "--quiet", "--initial-branch=main", `--object-format=${format}`);
  repository.git("config", "gc.auto", "0");
  return repository;
}

/** A real repository that a test builds; all methods are synchronous. */
export class TestRepository {
  /** Root of the work tree; the git directory itself for a bare repository. */
  readonly path: string;
  readonly gitDir: string;
  readonly objectFormat: "sha1" | "sha256";
  #clock = FIRST_DATE;

  constructor(path: string, gitDir: string, format: "sha1" | "sha256") {
    this.path = path;
    this.gitDir = gitDir;
    this.objectFormat = format;
  }

  /** Runs git in the repository and returns what it prints, without the last line feed. */
  git(...args: string[]): string {
    return this.gitBytes(args).toString("utf8").replace(/\n$/, "");
  }

  /** Runs git with `input` on stdin and returns the exact bytes it prints. */
  gitBytes(args: string[], input: string | Buffer = ""): Buffer {
    const { status, stdout, stderr, error } = this.#run(args, input);
    if (error) throw error;
    if (status === 0) return stdout;
    throw new Error(`git ${args.join(" ")}: ${stderr}${stdout}`);
  }

  /**
   * Commits changes to `files` on the branch that is checked out, a minute after the last commit.
   *
   * @returns the commit's id.
   */
  commit(message: string | Buffer, files: Files = {}, options: CommitOptions = {}): string {
    const parents = options.parents ?? this.#head();
    const tree = options.tree ?? this.writeTree(files, parents[0]);
    return this.#commitTree(message, tree, { ...options, parents });
  }

  /**
   * Merges a branch into the one checked out, by a merge commit in any case.
   *
   * @param files resolve conflicts, or make the merge an evil one.
   */
  merge(
    other: string,
    files: Files = {},
    options: CommitOptions & { message?: string } = {},
  ): string {
    const parents = [...this.#head(), this.git("rev-parse", `${other}^{commit}`)];
    // Its status is 1 for conflicts, which leave their marks in the tree it prints.
    const args = ["merge-tree", "--write-tree", "--allow-unrelated-histories", ...parents];
    const stdout = this.#run(args).stdout.toString("latin1");
    const tree = this.writeTree(files, stdout.split("\n")[0]);
    const message = options.message ?? `Merge branch '${other}'`;
    return this.#commitTree(message, tree, { ...options, parents });
  }

  /** Stores `content` as a commit object, exactly, and moves the branch checked out to it. */
  commitObject(content: string | Buffer): string {
    const id = this.writeObject("commit", content);
    this.git("update-ref", "HEAD", id);
    return id;
  }

  /** Stores an object, exactly, and returns its id. */
  writeObject(type: "blob" | "commit" | "tag" | "tree", content: string | Buffer): string {
    return writeLooseObject(this.gitDir, this.objectFormat, type, Buffer.from(content));
  }

  /** Stores the tree that `base` (a commit or tree; the empty tree if undefined) becomes by `files`. */
  writeTree(files: Files, base?: string): string {
    this.git("read-tree", ...(base === undefined ? ["--empty"] : [base]));
    const pairs = Array.isArray(files) ? files : Object.entries(files);
    const lines = pairs.map(([name, content]) =>
      Buffer.concat([
        Buffer.from(`${this.#entry(content)}\t`),
        Buffer.from(name),
        Buffer.from("\0"),
      ]),
    );
    this.gitBytes(["update-index", "-z", "--index-info"], Buffer.concat(lines));
    return this.git("write-tree", "--missing-ok");
  }

  /** Makes a branch that points to `at`. */
  branch(name: string, at = "HEAD"): void {
    this.git("update-ref", `refs/heads/${name}`, this.git("rev-parse", `${at}^{commit}`));
  }

  /** Makes `name` the branch that commits go to; any other commit detaches HEAD. */
  checkout(name: string, { create = false } = {}): void {
    if (create) this.branch(name);
    const isBranch = this.git("for-each-ref", `refs/heads/${name}`) !== "";
    if (isBranch) this.git("symbolic-ref", "HEAD", `refs/heads/${name}`);
    else this.git("update-ref", "--no-deref", "HEAD", this.git("rev-parse", `${name}^{commit}`));
  }

  /** Tags `at`, with an annotated tag if there is a message. */
  tag(name: string, { at = "HEAD", message }: { at?: string; message?: string } = {}): void {
    this.git("tag", ...(message === undefined ? [] : ["--annotate", "-m", message]), name, at);
  }

  /** Deletes a loose object: from now on it is missing. */
  removeObject(id: string): void {
    rmSync(looseObjectPath(this.gitDir, id));
  }

  /**
   * Clones the repository beside itself.
   *
   * @param options `depth` makes it shallow, `filter` partial; a `mirror` is bare and has every ref.
   */
  clone(
    options: { depth?: number; bare?: boolean; mirror?: boolean; filter?: string } = {},
  ): TestRepository {
    const { depth, mirror = false, filter } = options;
    const bare = options.bare || mirror;
    const parent = join(this.path, "..");
    const path = join(parent, `clone-${readdirSync(parent).length}${bare ? ".git" : ""}`);
    const flags = ["--quiet", "--no-checkout", ...(bare ? ["--bare"] : [])];
    if (mirror) flags.push("--mirror");
    if (filter !== undefined) flags.push(`--filter=${filter}`);
    if (depth !== undefined) flags.push(`--depth=${depth}`, "--no-single-branch");
    this.git("clone", ...flags, pathToFileURL(this.path).href, path);
    return new TestRepository(path, bare ? path : join(path, ".git"), this.objectFormat);
  }

  #commitTree(
    message: string | Buffer,
    tree: string,
    options: CommitOptions & { parents: string[] },
  ): string {
    const { author = AUTHOR, parents } = options;
    this.#clock += 60;
    const date = options.date ?? `${this.#clock} +0000`;
    const parts = [
      `tree ${tree}\n`,
      ...parents.map((parent) => `parent ${parent}\n`),
      ...["author ", author, ` ${date}\n`],
      ...["committer ", options.committer ?? author, ` ${options.committerDate ?? date}\n`],
      ...[options.headers ?? "", "\n", message],
      message.length > 0 && message.at(-1) !== "\n" && message.at(-1) !== 10 ? "\n" : "",
    ];
    return this.commitObject(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
  }

  /** Mode and object of an index entry, as `update-index --index-info` takes them. */
  #entry(content: FileContent): string {
    if (content === null) return `0 ${"0".repeat(this.objectFormat === "sha1" ? 40 : 64)}`;
    if (typeof content === "string" || Buffer.isBuffer(content)) {
      return `100644 ${this.writeObject("blob", content)}`;
    }
    if ("symlink" in content) return `120000 ${this.writeObject("blob", content.symlink)}`;
    if ("submodule" in content) return `160000 ${content.submodule}`;
    if ("blob" in content) return `${content.mode ?? "100644"} ${content.blob}`;
    return `${content.mode} ${this.writeObject("blob", content.content)}`;
  }

  #head(): string[] {
    const id = this.git("rev-parse", "--quiet", "--revs-only", "HEAD");
    return /^[0-9a-f]+$/.test(id) ? [id] : [];
  }

  #run(args: string[], input: string | Buffer = "") {
    const date = `${this.#clock} +0000`;
    return spawnSync("git", args, {
      cwd: this.path,
      input,
      maxBuffer: 1 << 30,
      env: {
        PATH: process.env.PATH,
        HOME: this.gitDir,
        LC_ALL: "C",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_GRAFT_FILE: "/dev/null", // The history is what the objects say.
        GIT_AUTHOR_NAME: "Ada Lovelace",
        GIT_AUTHOR_EMAIL: "ada@example.org",
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: "Ada Lovelace",
        GIT_COMMITTER_EMAIL: "ada@example.org",
        GIT_COMMITTER_DATE: date,
      },
    });
  }
}
