/**
 * Compares the modules of all Rust files of a revision with what Cargo and rustc's rules give: the
 * targets are those of `cargo metadata`, and from their roots every `mod` is followed. Nothing of the
 * chunker's is used but its output.
 *
 *     node check/module-paths.mjs REPOSITORY [REVISION]
 *
 * The revision is cut as the only commit of a history. A file that several targets reach may have any
 * of their modules; one that none reaches is not compared. Exits with 1 if less than 98 % agree.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { followCrate } from "./rust-sources.mjs";

const [repository, revision = "HEAD"] = process.argv.slice(2);
if (!repository) {
  console.error("Usage: node check/module-paths.mjs REPOSITORY [REVISION]");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "module-paths-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30, ...options });
const git = (...args) => run("git", ["-C", repository, ...args]);

const expected = expectedModules(checkOut());
const said = saidModules();
let [compared, right, unreached] = [0, 0, 0];
for (const [path, module] of [...said].sort()) {
  const modules = expected.get(path);
  if (!modules) {
    unreached += 1;
    continue;
  }
  compared += 1;
  if (modules.has(module)) right += 1;
  else console.log(`${path}: ${module}, not ${[...modules].join(" or ")}`);
}
const share = compared === 0 ? 1 : right / compared;
console.log(`${right} of ${compared} files agree (${(100 * share).toFixed(1)} %)`);
console.log(`${unreached} more files are reached from no target`);
process.exitCode = share < 0.98 ? 1 : 0;

/** The revision's files. */
function checkOut() {
  const tree = join(folder, "tree");
  mkdirSync(tree);
  const paths = [revision, "--", ":(glob)**/*.rs", ":(glob)**/Cargo.toml"];
  const archive = execFileSync("git", ["-C", repository, "archive", ...paths], {
    maxBuffer: 1 << 30,
  });
  execFileSync("tar", ["-x", "-C", tree], { input: archive });
  return tree;
}

/** Modules by path, for all targets of all packages that Cargo reads. */
function expectedModules(tree) {
  const packages = new Map();
  const manifests = git("ls-tree", "-r", "--name-only", revision)
    .split("\n")
    .filter((path) => /(^|\/)Cargo\.toml$/.test(path));
  for (const path of manifests) {
    const manifest = join(tree, path);
    if (packages.has(manifest)) continue;
    for (const one of metadata(manifest)) packages.set(one.manifest_path, one);
  }
  const found = new Map();
  for (const { name, targets } of packages.values()) {
    const library = targets.find(({ kind }) => kind.some((one) => /lib|macro/.test(one)));
    const bins = targets.filter(({ kind }) => kind.includes("bin"));
    const crate = (library?.name ?? name).replaceAll("-", "_");
    for (const target of targets) {
      const modules = [crate, ...modulesOf(target, name, library, bins)];
      followCrate(target.src_path, modules, found);
    }
  }
  return new Map([...found].map(([file, modules]) => [relative(tree, file), modules]));
}

/** How the README says that targets are called. */
function modulesOf({ name, kind: [kind], src_path }, packageName, library, bins) {
  const own = name.replaceAll("-", "_");
  if (kind === "custom-build") return ["build"];
  if (kind === "test") return ["tests", own];
  if (kind === "bench") return ["benches", own];
  if (kind === "example") return ["examples", own];
  if (kind !== "bin" || src_path.endsWith("/src/main.rs")) return [];
  const standsForPackage = !library && (name === packageName || bins.length === 1);
  return standsForPackage ? [] : ["bin", own];
}

function metadata(manifest) {
  const args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
  try {
    const output = run("cargo", [...args, "--manifest-path", manifest], { stdio: "pipe" });
    return JSON.parse(output).packages;
  } catch (error) {
    if (error.code === "ENOENT") throw error;
    return []; // Test data holds manifests that are wrong on purpose.
  }
}

/** The module of each file, as the chunker says: that of its outermost units. */
function saidModules() {
  const clone = join(folder, "clone.git");
  run("git", ["init", "-q", "--bare", clone]);
  const objects = resolve(repository, git("rev-parse", "--git-path", "objects").trim());
  writeFileSync(join(clone, "objects/info/alternates"), `${objects}\n`);
  const person = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
  const tree = git("rev-parse", `${revision}^{tree}`).trim();
  const commit = run("git", ["-C", clone, ...person, "commit-tree", "-m", "All", tree]).trim();
  run("git", ["-C", clone, "update-ref", "HEAD", commit]);
  const bin = (name) => join(import.meta.dirname, "../..", name, "bin.js");
  const commits = join(folder, "commits.jsonl");
  const chunks = join(folder, "chunks.jsonl");
  const only = ["--alternates", "--extensions", "rs,toml"];
  run("node", [bin("git-scraper"), "--quiet", "--repo", clone, "--output", commits, ...only]);
  const files = ["--quiet", "--commits", commits, "--repo", repository, "--output", chunks];
  run("node", [bin("semantic-chunker"), ...files]);
  const found = new Map();
  for (const line of readFileSync(chunks, "utf8").trimEnd().split("\n")) {
    const { file_path, language, module_path } = JSON.parse(line);
    if (language !== "rust" || module_path === null) continue;
    const known = found.get(file_path);
    if (known === undefined || module_path.length < known.length) found.set(file_path, module_path);
  }
  return found;
}
